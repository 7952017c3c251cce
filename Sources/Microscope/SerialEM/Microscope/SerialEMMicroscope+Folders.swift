extension SerialEMMicroscope {
    /// Where frames go when they do not go straight into the session's folder.
    func framesFolder() async throws(MicroscopeError) -> SharedFolder? {
        if let folder = settings.framesFolder { return folder }
        guard settings.folders.isEmpty, settings.address.isThisComputer else { return nil }
        if let known = state.withLock({ $0.simulatedFiles }) { return known }
        let folder = try await simulatedFiles()
        state.withLock { $0.simulatedFiles = .some(folder) }
        return folder
    }

    /// A simulated SerialEM on this computer says where its drive C is. A real one has no such variable: then only the facility can tell.
    private func simulatedFiles() async throws(MicroscopeError) -> SharedFolder? {
        do throws(MicroscopeError) {
            let directory = try await call(.getVariable, .text("SimulatedFiles")).text(0)
            return SharedFolder(here: directory + "/C/GridPilot", there: "C:\\GridPilot")
        } catch {
            guard error.isRefusal else { throw error }
            return nil
        }
    }

    /// With all above it. A drive's root is there or it is not.
    func makeThere(_ folder: String) async throws(MicroscopeError) {
        guard !folder.hasSuffix(":\\") else { return }
        try await call(.makeDirectory, .text(folder))
    }

    /// What the microscope's computer calls the folder of a file here.
    func folderThere(of file: String) throws(MicroscopeError) -> String {
        let folder = file.lastIndex(of: "/").map { String(file[..<$0]) } ?? "."
        guard let there = settings.paths.there(folder) else {
            throw .refused("the microscope's computer has no name for \(folder): no shared folder holds it")
        }
        return there
    }

    /// What this computer calls a file there.
    func pathHere(_ path: String) async throws(MicroscopeError) -> String {
        let frames = try await framesFolder()
        let paths = PathMap((frames.map { [$0] } ?? []) + settings.folders)
        guard let here = paths.here(path) else {
            throw .fileNotWritten(path: path, reason: "no shared folder leads to it from here")
        }
        return here
    }
}
