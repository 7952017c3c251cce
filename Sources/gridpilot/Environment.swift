import Glibc

/// What whoever starts the server tells it alone.
enum Environment {
    /// A variable's value, for nobody after: no child inherits it. To be called while there are no other threads.
    static func take(_ name: String) -> String? {
        let value = getenv(name).map { String(cString: $0) }
        unsetenv(name)
        return value
    }
}
