import RunModel

extension SampleRun {
    private static let square1 = TargetID(square: 1, of: first)
    private static let square2 = TargetID(square: 2, of: first)
    private static let hole1 = TargetID(hole: 1, of: square1)
    private static let hole2 = TargetID(hole: 2, of: square1)

    static var whole: SampleRun {
        var run = SampleRun()
        run.refusedThenStarted()
        run.mapped()
        run.imaged()
        run.asked()
        run.interrupted()
        run.settled()
        run.stopped()
        run.failedKilledCompleted()
        run.wantedAgain()
        run.changed()
        run.underWay()
        return run
    }

    private mutating func refusedThenStarted() {
        add(.sessionCreated(Self.created))
        let other = holder(session: "20261122_ribosome")
        add(
            .startRefused(
                StartRefused(
                    by: "operator", code: "scopeLock.held", sentence: "staff is running session ribosome on this microscope.",
                    remedy: "Ask staff to stop it, or wait until it finishes.", holder: other)), command: "refused-1")
        start()
    }

    private mutating func mapped() {
        add(.gridStarted(GridNamed(grid: Self.first)), fenced: true)
        add(.cassetteRead(CassetteRead(slots: Self.cassette(third: "WT-3"))))
        add(.gridMoved(GridMoved(grid: Self.first, status: .running)), after: 60)
        add(.atlasAcquired(AtlasAcquired(grid: Self.first, image: image("3_wild_type/atlas", 0))), after: 300)
        let squares = [
            Self.target(Self.square1, 1), Self.target(Self.square2, 2),
            Self.target(TargetID(square: 3, of: Self.first), 3, .cracked),
        ]
        add(.squaresFound(SquaresFound(grid: Self.first, squares: squares)))
        add(queue { $0.added = [Self.item(Self.square1), Self.item(Self.square2)] })
        add(.processingFailed(ProcessingFailed(grid: Self.first, sentence: "The atlas picture could not be drawn.")))
        add(take(Self.square1), Self.change(Self.square1, .acquiring))
        add(Self.change(Self.square1, .acquired, image: image("3_wild_type/square1", 1)), after: 20)
        let holes = [
            Self.target(Self.hole1, 1.5), Self.target(Self.hole2, 1.75), Self.target(TargetID(hole: 3, of: Self.square1), 1.875),
        ]
        add(.holesFound(HolesFound(square: Self.square1, holes: holes)))
        add(
            queue {
                $0.added = [Self.item(Self.hole1), Self.item(Self.hole2)]
                $0.before = Self.square2
            }, Self.change(Self.square1, .processed))
    }

    private mutating func imaged() {
        add(queue(by: "operator") { $0.skipped = [Self.square2] }, command: "queue-1")
        add(queue(by: "operator") { $0.unskipped = [Self.square2] })
        add(queue(by: "operator") { $0.order = [Self.hole1, Self.square2] })
        add(queue(by: "operator") { $0.removed = [Self.square2] })
        add(take(Self.hole1), Self.change(Self.hole1, .acquiring))
        add(
            .targetChanged(
                TargetChanged(
                    target: Self.hole1, status: .acquiring, image: image("3_wild_type/hole1", 1.5), stage: Self.position(1.5625),
                    offset: PlaneShift(x: .micrometres(0.125), y: .micrometres(-0.0625))))
        )
        expose(1, of: Self.hole1)
        expose(2, of: Self.hole1)
        let measured = Self.measurement(ctf: true)
        add(
            .micrographProcessed(
                MicrographProcessed(
                    micrograph: MicrographID(1, of: Self.hole1), targetDefocus: .micrometres(-1.5), measurement: measured)))
        add(
            .processingFailed(
                ProcessingFailed(
                    micrograph: MicrographID(2, of: Self.hole1), sentence: "The movie ends in the middle of a frame.")))
        add(Self.change(Self.hole1, .acquired))
        let notice = Notice(
            id: "nitrogen", kind: .warn, sentence: "Refilling liquid nitrogen.", detail: "Imaging waits and resumes by itself.",
            raisedAt: Timestamp(milliseconds: 1_795_378_500_000))
        add(.noticeRaised(notice))
        add(.noticeRaised(Notice(id: "slowStage", kind: .info, sentence: "The stage is slow.", raisedAt: notice.raisedAt)))
        add(.noticeCleared(NoticeCleared(id: "nitrogen")), after: 240)
        add(.stopReceived(Asked(by: "operator")), command: "stop-1")
        add(.stopCancelled(Asked(by: "operator")), .runMoved(RunMoved(status: .running)), command: "cancel-1")
        add(.pauseBetweenGridsSet(PauseBetweenGridsSet(enabled: false, by: "operator")))
        add(.pauseBetweenGridsSet(PauseBetweenGridsSet(enabled: true, by: "staff")))
        add(.planSet(PlanSet(plan: .atlasesFirst, by: "operator")), command: "plan-1")
    }

    private mutating func asked() {
        add(.gridMoved(GridMoved(grid: Self.first, status: .paused)), .runMoved(RunMoved(status: .paused)))
        var question = prompt("prompt-1", .gridFinished)
        add(.promptRaised(question))
        question.queued = 1
        question.addedBy = "operator"
        add(queue(by: "operator") { $0.added = [Self.item(Self.square2, skipped: true)] }, .promptUpdated(question), after: 45)
        add(.promptAnswered(PromptAnswered(id: "prompt-1", answer: .continue, by: "operator")), after: 15, command: "answer-1")
        add(.runMoved(RunMoved(status: .running)), .gridMoved(GridMoved(grid: Self.first, status: .running)))
    }

    private mutating func interrupted() {
        add(take(Self.hole2), Self.change(Self.hole2, .acquiring))
        add(.exposureBegan(ExposureBegan(micrograph: micrograph(1, of: Self.hole2), of: 2, expectedSeconds: 4.5)))
        let open = MicrographID(1, of: Self.hole2)
        add(
            .runInterrupted(
                RunInterrupted(
                    grid: Self.first, target: Self.hole2, micrograph: open, cause: "The server ended without a word.")),
            after: 600)
        free("holder gone")
        add(.gridMoved(GridMoved(grid: Self.first, status: .stopped)))
        add(.exposureSettled(ExposureSettled(micrograph: open, outcome: .unknown)), Self.change(Self.hole2, .unknown))
    }

    private mutating func settled() {
        let open = MicrographID(1, of: Self.hole2)
        start()
        add(.promptRaised(prompt("prompt-2", .exposureUnknown, micrograph: open)))
        add(.promptAnswered(PromptAnswered(id: "prompt-2", answer: .again, by: "staff")), after: 12.5)
        add(
            .exposureSettled(ExposureSettled(micrograph: open, outcome: .again, by: "staff")),
            queue { $0.added = [Self.item(Self.hole2)] })
        add(.gridStarted(GridNamed(grid: Self.first)))
        add(.gridMoved(GridMoved(grid: Self.first, status: .running)))
        add(take(Self.hole2), Self.change(Self.hole2, .acquiring))
        expose(1, of: Self.hole2)
        add(
            .micrographProcessed(
                MicrographProcessed(
                    micrograph: open, targetDefocus: .micrometres(-1.5), measurement: Self.measurement(ctf: false))))
        add(Self.change(Self.hole2, .failed, problem: "The hole was not found again."))
    }

    private mutating func stopped() {
        add(.gridMoved(GridMoved(grid: Self.first, status: .paused)), .runMoved(RunMoved(status: .paused)))
        add(.promptRaised(prompt("prompt-3", .gridFinished)))
        add(.stopReceived(Asked(by: "staff")), .shutdownBegan(Nothing()), command: "stop-2")
        add(.promptWithdrawn(PromptWithdrawn(id: "prompt-3", reason: "The run was stopped.")))
        add(.gridMoved(GridMoved(grid: Self.first, status: .stopped)), .runStopped(Asked(by: "staff")))
        free("run ended")
        start()
        add(.gridStarted(GridNamed(grid: Self.first)), .gridMoved(GridMoved(grid: Self.first, status: .running)))
        add(queue { $0.removed = [Self.square2] })
        add(.gridCompleted(GridCompleted(grid: Self.first, problem: "1 of 2 holes failed. The hole was not found again.")))
    }

    private mutating func failedKilledCompleted() {
        let jam = "The loader did not bring the cartridge of slot 6 onto the stage."
        add(.gridStarted(GridNamed(grid: Self.second)))
        var question = prompt("prompt-cassette", .cassetteChanged)
        question.grid = Self.second
        question.cassette = ChangedCassette(
            changes: ["Slot 3 held WT-3; it holds WT-4 now."], slots: Self.cassette(third: "WT-4"))
        add(.promptRaised(question))
        add(
            .promptAnswered(PromptAnswered(id: "prompt-cassette", answer: .load, by: "operator")), after: 20,
            command: "answer-cassette")
        add(.cassetteRead(CassetteRead(slots: Self.cassette(third: "WT-4"), by: "operator")))
        add(.gridFailed(GridFailed(grid: Self.second, sentence: jam, remedy: "Look at the loader.")))
        add(.runFailed(Failure(code: "microscope.loaderJam", sentence: jam, remedy: "Look at the loader.")))
        free("run ended")
        start()
        add(.gridStarted(GridNamed(grid: Self.second)))
        add(.runKilled(RunKilled(by: "staff", found: ["The valves are closed.", "The lock is free."])), command: "kill-1")
        add(.gridMoved(GridMoved(grid: Self.second, status: .stopped)))
        free("removed by staff")
        start()
        add(
            .runCompleted(
                RunCompleted(
                    gridsCompleted: 1, grids: 2, images: 3, seconds: 312.5, failures: "1 of 2 holes failed",
                    reason: "The hole was not found again.")), after: 3)
        free("run ended")
    }

    /// The morning after: a grid that is done is taken up again, for a hole that was exposed; another one is closed, and taken up again as well.
    private mutating func wantedAgain() {
        var again = Self.item(Self.hole1)
        again.again = true
        add(
            .gridMoved(GridMoved(grid: Self.first, status: .waiting)),
            queue(by: "operator") { $0.added = [again, Self.item(Self.square2)] },
            after: 3600, command: "again-1")
        let isKept: (inout QueueChanged) -> Void = {
            $0.removed = [Self.hole1, Self.square2]
            $0.kept = [Self.hole1]
        }
        add(
            queue(by: "operator", edit: isKept), .gridMoved(GridMoved(grid: Self.first, status: .leftOut)), command: "leave-out-1"
        )
        add(
            .gridMoved(GridMoved(grid: Self.first, status: .waiting)), queue(by: "operator") { $0.added = [again] },
            command: "again-2")
        add(.gridMoved(GridMoved(grid: Self.second, status: .aborted)), command: "abort-1")
        add(.gridMoved(GridMoved(grid: Self.second, status: .waiting)), command: "take-up-1")
        add(.planSet(PlanSet(plan: .collectQueued, by: "operator")), command: "plan-2")
        // Loaded twice more, so that places are moved from where they had been moved to.
        add(.loadBegan(GridNamed(grid: Self.first)))
        add(place(turn: (36.875, 0.8, 0.6), x: -12.5, y: 40.3), after: 90)
        add(.loadBegan(GridNamed(grid: Self.first)))
        add(place(turn: (-3.1, 0.9985, -0.0541), x: 7.7, y: -31.1), after: 90)
        let off = GridPlacement(rotation: 0, cosine: 1, sine: 0, shift: PlaneShift(x: .micrometres(0.3), y: .micrometres(-0.7)))
        add(.gridPlaced(GridPlaced(grid: Self.first, placement: off, score: 0.91, square: Self.hole1.square)))
    }

    /// What people write of it, and change before the next night.
    private mutating func changed() {
        let image = MicrographID(1, of: Self.hole1)
        add(
            .gridNoted(GridNoted(grid: Self.first, quality: .good, notes: "Thin ice on the left.", by: "operator")),
            command: "note-1")
        add(.gridNoted(GridNoted(grid: Self.first, quality: nil, notes: "Thin ice on the left half.", by: "staff")))
        add(.gridNoted(GridNoted(grid: Self.second, quality: .bad, notes: "", by: "staff")))
        add(.gridNoted(GridNoted(grid: Self.second, quality: nil, notes: "", by: "staff")))
        add(.gridNoted(GridNoted(grid: Self.second, quality: .good, notes: "", by: "staff")))
        add(.micrographRated(MicrographRated(micrograph: image, rating: .badIce, by: "operator")), command: "rate-1")
        add(.micrographRated(MicrographRated(micrograph: MicrographID(2, of: Self.hole1), rating: .great, by: "operator")))
        add(.micrographRated(MicrographRated(micrograph: MicrographID(2, of: Self.hole1), rating: nil, by: "staff")))
        var settings = Self.created.session.settings
        settings.squaresPerGrid = 5
        settings.fitLimit = 4.5
        add(.settingsChanged(SettingsChanged(settings: settings, by: "operator")), command: "settings-1")
        add(
            .sessionArchived(SessionArchived(archived: true, by: "operator")),
            .sessionArchived(SessionArchived(archived: false, by: "staff")))
        let third = Grid(
            id: GridID(Self.session, slot: 9), name: "late", slot: 9, holeType: "R2/1", meshMaterial: "Au", recipe: "spa")
        add(.gridAdded(GridDescribed(grid: third, by: "operator")), command: "add-1")
        var renamed = Self.created.grids[0]
        (renamed.name, renamed.filesNamedFor) = ("wild type, diluted", renamed.name)
        add(.gridChanged(GridDescribed(grid: renamed, by: "staff")))
        add(.gridsOrdered(GridsOrdered(order: [Self.second, third.id, Self.first], by: "staff")))
    }

    private func place(turn: (degrees: Double, cosine: Double, sine: Double), x: Double, y: Double) -> RunEvent {
        let placement = GridPlacement(
            rotation: turn.degrees, cosine: turn.cosine, sine: turn.sine,
            shift: PlaneShift(x: .micrometres(x), y: .micrometres(y)))
        return .gridPlaced(GridPlaced(grid: Self.first, placement: placement, score: 0.87))
    }

    /// Ends in the middle: an exposure, a prompt, a stop, notices and a queue are open, so that the golden states hold them all.
    private mutating func underWay() {
        let square = TargetID(square: 1, of: Self.second)
        let holes = (1...3).map { TargetID(hole: $0, of: square) }
        start(forced: true)
        add(.gridStarted(GridNamed(grid: Self.second)), .gridMoved(GridMoved(grid: Self.second, status: .running)))
        add(.atlasAcquired(AtlasAcquired(grid: Self.second, image: image("6_mutant/atlas", 0))), after: 300)
        add(.squaresFound(SquaresFound(grid: Self.second, squares: [Self.target(square, 1)])))
        add(queue(on: Self.second) { $0.added = [Self.item(square)] })
        add(take(square), Self.change(square, .acquiring))
        add(Self.change(square, .acquired, image: image("6_mutant/square1", 1)), after: 20)
        add(.holesFound(HolesFound(square: square, holes: holes.map { Self.target($0, 1.5) })))
        add(queue(on: Self.second) { $0.added = holes.map { Self.item($0) } })
        add(queue(by: "operator", on: Self.second) { $0.skipped = [holes[2]] })
        add(take(holes[0]), Self.change(holes[0], .acquiring))
        expose(1, of: holes[0])
        add(
            .micrographProcessed(
                MicrographProcessed(
                    micrograph: MicrographID(1, of: holes[0]), targetDefocus: .micrometres(-1.25),
                    measurement: Self.measurement(ctf: true))))
        let full = Notice(id: "disk", kind: .err, sentence: "Disk full.", detail: "Free space.", raisedAt: now)
        add(.noticeRaised(Notice(id: "disk", kind: .warn, sentence: "Disk full in 40 min.", raisedAt: now)), .noticeRaised(full))
        add(.noticeRaised(Notice(id: "slowStage", kind: .info, sentence: "The stage is slow.", raisedAt: now)))
        add(
            .promptRaised(
                Prompt(
                    id: "prompt-4", kind: .diskFull, grid: Self.second, queued: 1, last: true, nextGrid: nil, raisedAt: now)))
        add(.exposureBegan(ExposureBegan(micrograph: micrograph(2, of: holes[0]), of: 2, expectedSeconds: 4.5)))
        add(.stopReceived(Asked(by: "operator")), command: "stop-3")
    }
}
