import RunModel

@testable import RunAPI

/// A session of one grid, as reports are made of it, without a store.
enum ReportSamples {
    static let start = Timestamp(milliseconds: 1_795_377_600_000)

    static func session(_ name: String = "first") -> SessionState {
        let session = Session(
            id: "s", name: name, group: "demo", microscope: "scope", detector: "camera", createdBy: "someone", createdAt: start,
            directory: "sessions/demo/20261122_first", settings: GridSettings())
        return SessionState(
            SessionCreated(
                session: session, microscope: MicroscopeDescription(id: "scope", name: "The scope", vendor: .jeol, voltage: 300),
                detector: DetectorDescription(
                    id: "camera", name: "Camera", microscope: "scope", width: 4096, height: 4096, pixelSize: 1.1),
                grids: []))
    }

    static func grid(_ name: String = "a", slot: Int = 1) -> GridState {
        let created = session()
        let grid = Grid(
            id: GridID("s", slot: slot), name: name, slot: slot, holeType: "R1.2/1.3", meshMaterial: "Cu", recipe: "spa")
        return GridState(
            grid,
            of: SessionCreated(
                session: created.session, microscope: created.microscope, detector: created.detector, grids: [grid]))
    }

    static func target(_ id: TargetID, _ status: TargetStatus, hasImage: Bool = false, thickness: Double? = nil) -> Target {
        var target = Target(
            id: id, point: PixelPoint(x: 100, y: 200), size: 60, stage: StagePosition(x: .zero, y: .zero), targetClass: .good,
            brightness: 1,
            thickness: thickness, status: status)
        target.image = hasImage ? image : nil
        return target
    }

    static let image = MapImage(
        file: "a.mrc", picture: "a.png", width: 1000, height: 800, pixelSize: 500, centre: StagePosition(x: .zero, y: .zero),
        takenAt: start)

    /// Without a fit it was processed all the same; not saved it is still being exposed.
    static func micrograph(
        _ number: Int, of hole: TargetID = "s.g1.s1.h1", fit: Double? = nil, error: Double = 0, rating: ImageRating? = nil,
        isSaved: Bool = true, isMeasured: Bool = true
    ) -> Micrograph {
        var made = Micrograph(
            id: MicrographID(number, of: hole), status: isMeasured ? .processed : isSaved ? .saved : .exposing,
            movie: "m\(number).mrc", frames: 4, pixelSize: 1.1, dose: 40,
            stage: StagePosition(x: .micrometres(12.5), y: .micrometres(-3)),
            imageShift: .zero, targetDefocus: .micrometres(-1.5), measuredDefocus: nil,
            begunAt: start.advanced(bySeconds: Double(number)))
        made.savedAt = isSaved ? start.advanced(bySeconds: Double(number) + 5) : nil
        made.rating = rating
        guard isMeasured, isSaved else { return made }
        let defocus = 15_000 - error * 10_000
        made.measurement = RunModel.Measurement(
            average: "m\(number).mrc", picture: "m\(number).png", spectrum: "", shifts: [], totalMotion: Double(number),
            ctf: fit.map { CTFMeasurement(defocusU: defocus, defocusV: defocus, angle: 0, fitResolution: $0, score: 0.2) },
            reason: nil)
        return made
    }

    static func facts(_ grids: [GridState], isOfSession: Bool = false, session: SessionState = session()) -> ReportFacts {
        ReportFacts(
            session: session, grids: grids, isOfSession: isOfSession, isLiving: false,
            zone: FacilityZone(name: "Europe/Zurich") { _ in 3600 },
            madeAt: start, madeBy: "someone", version: "1.2.3")
    }

    static func page(_ facts: ReportFacts, _ pictures: ReportPictures = ReportPictures()) -> String {
        String(decoding: ReportPage(facts: facts, pictures: pictures).bytes, as: UTF8.self)
    }
}
