import RunModel
import Store

// The folder that a run writes to is looked at before every exposure and load: an unmounted disk leaves another one under the same path.
extension RunContext {
    /// Its folder first, then the space on its disks.
    func lookAtDisks() async throws(RunEnd) -> DiskCheck {
        let state = try known()
        let check: DiskCheck
        do throws(RunFileError) {
            try await lookAtFolder(of: state.session)
            let grid = state.grids.first { $0.grid.id == state.current }?.grid
            // A link, or another disk that is mounted there, has a room of its own.
            let besides = try await lookAtInnerFolders(of: grid, state.session).filter(\.isOnAnotherDisk).map(\.relative)
            let measured = await untilStopAsked { [disks] in await disks.check(state, besides: besides) }
            // A folder that went away between the two looks is the reason, rather than what that did to the second one.
            if case .couldNotLook = measured { try await lookAtFolder(of: state.session) }
            check = measured
        } catch {
            check = .couldNotLook(path: files.path(state.session.directory), error)
        }
        // A look that was cut short by the end of the run says nothing of the disk.
        try checkpoint()
        return check
    }

    /// Those of a grid that were seen before must be the same ones: where a disk that was mounted there is gone, another folder stands under it.
    private func lookAtInnerFolders(of grid: Grid?, _ session: Session) async throws(RunFileError) -> [InnerFolder] {
        let wanted = grid?.directories(of: session) ?? []
        let found = try await files.inner(wanted, of: session.directory)
        for relative in wanted {
            guard let before = innerFolders[relative] else { continue }
            guard let now = found.first(where: { $0.relative == relative }) else { throw .missing(path: files.path(relative)) }
            if now.folder != before { throw .folderChanged(path: files.path(relative)) }
        }
        for folder in found { innerFolders[folder.relative] = folder.folder }
        return found
    }

    func lookAtFolder(of session: Session) async throws(RunFileError) {
        let owner = FolderOwner(session, store: journal.store.identity)
        if let folder {
            try await files.checkFolder(session.directory, folder, of: owner)
        } else {
            folder = try await files.takeFolder(session.directory, for: owner, .own)
        }
    }

    /// A person has looked and said to go on. Where they were asked about the folder, what stands there now is the folder, unless it is another
    /// session's; it gets what the grid at hand writes to.
    func believeFolder(after problem: RunFileError) async throws(RunEnd) {
        switch problem {
        case .folderChanged, .missing: break
        default: return
        }
        let state = try known()
        let session = state.session
        let owner = FolderOwner(session, store: journal.store.identity)
        try doubtOpenExposures()
        do throws(RunFileError) {
            let taken = try await files.takeFolder(session.directory, for: owner, .told)
            if let grid = state.grids.first(where: { $0.grid.id == state.current })?.grid {
                try await files.makeDirectories(grid.directories(of: session))
            }
            (folder, innerFolders) = (taken, [:])
        } catch {
            // Still away, or not this session's: the next look says so.
        }
    }

    /// What a folder lacks that becomes the session's now proves nothing of what was taken. Written before it is: the run may be cut off between.
    private func doubtOpenExposures() throws(RunEnd) {
        let session = session
        let open = try read { store throws(StoreError) in try store.openExposures(of: session) }
        guard !open.isEmpty else { return }
        let events = open.flatMap { micrograph in
            [
                RunEvent.exposureSettled(ExposureSettled(micrograph: micrograph.id, outcome: .unknown)),
                .targetChanged(TargetChanged(target: micrograph.id.hole, status: .unknown)),
            ]
        }
        let lines = open.map { micrograph in
            LogLine(.warning, "dose ledger", ExposureSettled(micrograph: micrograph.id, outcome: .unknown).wording)
        }
        try record(events, lines)
    }

    /// Whether a file could not be written because of its disk or its folder, rather than by itself.
    func isOfDisk() async throws(RunEnd) -> Bool {
        switch try await lookAtDisks() {
        case .couldNotLook: true
        case .measured(let worst): worst.level == .full
        }
    }
}

extension Grid {
    /// What its images, pictures and movies are written to.
    func directories(of session: Session) -> [String] {
        ["raw", "png", "movies"].map { "\(session.directory)/\(directory)/\($0)" }
    }
}
