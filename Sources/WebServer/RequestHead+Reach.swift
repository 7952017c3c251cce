/// From where a request really came and what its sender calls this server. A proxy says so in headers of its own; from anybody else they
/// are worth nothing, since everybody can write them.
extension RequestHead {
    static let forwardingHeaders = ["x-forwarded-proto", "x-forwarded-host", "x-forwarded-prefix", "forwarded", "x-real-ip"]

    /// Takes in what a trusted proxy says, and the address that the configuration gives; then refuses a host that is not ours.
    mutating func resolve(_ configuration: WebServer.Configuration) throws(Refusal) {
        let isForwarded =
            Self.forwardingHeaders.contains { headers[$0] != nil } || headers["x-forwarded-for"] != nil
            || headers["via"] != nil
        isDirectLoopback = PeerAddress.isLoopback(remoteAddress) && !isForwarded && !configuration.expectsProxy
        let isByAnyProxy = isForwarded && configuration.trusts(remoteAddress)
        let isByProxy = isByAnyProxy && !configuration.isProxySupposed
        if isByAnyProxy { believeTheWay() }
        if isByProxy { believeWho(configuration) }
        // A page whose name is made to point here comes by plain HTTP, and so does its `Origin`: said to have come by HTTPS, its commands and
        // sockets are another site's, and it has no cookie of ours to read with.
        let isByTLSProxy = isByAnyProxy && saysHTTPS
        guard isOurs(configuration, isByProxy: isByProxy || isByTLSProxy) else { throw .otherHost(configuration.publicURL) }
        if let known = configuration.publicURL, isAsked(at: known, isByProxy: isByProxy) {
            (isSecure, prefix) = (known.isSecure, known.prefix)
            headers["host"] = known.host
        }
        // A proxy passes the path on with its prefix or without.
        if !prefix.isEmpty, let whole = path, whole.hasPrefix("\(prefix)/") { path = String(whole.dropFirst(prefix.utf8.count)) }
    }

    /// Who asks, and by which name.
    private mutating func believeWho(_ configuration: WebServer.Configuration) {
        let hops = list("x-forwarded-for").map { PeerAddress.plain(PeerAddress.withoutPort($0)) }
        // Each proxy adds who asked it; what stands further left the visitor may have written.
        if let address = hops.last(where: { !configuration.trusts($0) }) ?? hops.first, AddressRange.bytes(of: address) != nil {
            remoteAddress = address
        }
        if let host = list("x-forwarded-host").last { headers["host"] = host }
    }

    private var saysHTTPS: Bool { list("x-forwarded-proto").last?.lowercased() == "https" }

    private mutating func believeTheWay() {
        if let scheme = list("x-forwarded-proto").last?.lowercased(), ["http", "https"].contains(scheme) {
            isSecure = scheme == "https"
        }
        if let text = headers["x-forwarded-prefix"], let prefix = PublicURL.prefix(text) { self.prefix = prefix }
    }

    /// Without this, a page of another site whose name is made to point here counts as one of ours (DNS rebinding).
    private func isOurs(_ configuration: WebServer.Configuration, isByProxy: Bool) -> Bool {
        // HTTP/1.0 may leave it out; browsers never do.
        guard let names = configuration.hostNames, hostCount > 0 else { return true }
        let host = headers["host"] ?? ""
        let name = HostName.withoutPort(host)
        if name == "localhost" || PeerAddress.isLoopback(name) { return true }
        if let known = configuration.publicURL {
            return HostName.withoutUsualPort(host, isSecure: known.isSecure) == known.host
        }
        // The dot at its end says that a name is whole.
        return isByProxy || AddressRange.bytes(of: name) != nil
            || names.contains(name.hasSuffix(".") ? String(name.dropLast()) : name)
    }

    private func isAsked(at known: PublicURL, isByProxy: Bool) -> Bool {
        isByProxy || HostName.withoutUsualPort(headers["host"] ?? "", isSecure: known.isSecure) == known.host
    }

    private func list(_ name: String) -> [String] {
        (headers[name] ?? "").split { $0 == "," || $0 == " " }.map(String.init)
    }
}
