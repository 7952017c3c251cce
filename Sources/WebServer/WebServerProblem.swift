/// Why the server could not begin.
public enum WebServerProblem: Error, Equatable, Sendable {
    case alreadyRunning
    case cannotListen(host: String, port: Int, reason: String)
    case cannotRead(file: String)
    case echoNeedsLoopback(host: String)

    public var sentence: String {
        switch self {
        case .alreadyRunning: "The web server is already running."
        case .cannotListen(let host, let port, let reason): "The web server cannot listen on \(host):\(port). \(reason)"
        case .cannotRead(let file): "The file \(file) cannot be read."
        case .echoNeedsLoopback(let host): "The debug echo is not offered on \(host), where others can reach it."
        }
    }

    public var remedy: String? {
        switch self {
        case .alreadyRunning: nil
        case .cannotListen: "See whether another program uses that address, or choose another port."
        case .cannotRead: "Correct its path, or the rights on it."
        case .echoNeedsLoopback: "Listen on 127.0.0.1, or leave the debug echo out."
        }
    }
}
