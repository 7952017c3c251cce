import WebServer

extension DescriptorLimit {
    static let remedy = "Allow more: LimitNOFILE=65536 in systemd's unit, or ulimit -n 65536 before the start."

    /// What it comes to.
    var sentence: String {
        guard let links else { return "The system allows \(soft) open files and sockets, too few to let anybody in." }
        let most = min(links, WebServer.Limits().connections)
        return "The system allows \(soft) open files and sockets, \(most) of them for links to pages."
    }

    func linksOrRefusal() throws(CommandProblem) -> Int {
        guard let links else { throw CommandProblem(sentence, remedy: Self.remedy) }
        return links
    }
}
