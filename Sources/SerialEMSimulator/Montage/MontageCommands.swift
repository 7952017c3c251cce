import Imaging
import Microscope
import Simulator

extension SimulatedSerialEM {
    static let montageAnswers: [SerialEMCommand: Answer] = [.setMontageParams: setMontageParams]
    static let montageActions: [SerialEMCommand: Action] = [
        .openNewMontage: openNewMontage, .setupFullMontage: setupFullMontage, .montage: montage,
    ]

    /// 0 pieces: as many as the last time.
    private func openNewMontage(_ call: SerialEMCall) async throws(SerialEMProblem) -> [SerialEMValue] {
        let last = read(\.montage)
        let columns = call.integer(0) == 0 ? last.columns : call.integer(0)
        let rows = call.integer(1) == 0 ? last.rows : call.integer(1)
        try open(columns: columns, rows: rows, centre: nil, file: call.lastText)
        return .nothing
    }

    private func open(columns: Int, rows: Int, centre: SpecimenPoint?, file: String) throws(SerialEMProblem) {
        guard (1...MontagePlan.most).contains(columns), (1...MontagePlan.most).contains(rows) else {
            throw .sentence("A montage of \(columns) by \(rows) pieces cannot be made, in line:")
        }
        let file = try newFile(file, isMontage: true)
        change {
            $0.montage.columns = columns
            $0.montage.rows = rows
            $0.montage.centre = centre
            $0.files.open(file)
        }
    }

    /// As many pieces as cover the grid at the present magnification, around the middle of the stage.
    private func setupFullMontage(_ call: SerialEMCall) async throws(SerialEMProblem) -> [SerialEMValue] {
        guard read(\.navigator) != nil else {
            throw .sentence("The Navigator must be open to set up a full montage, in line:")
        }
        let part = call.number(0) > 0 && call.number(0) < 0.5 ? call.number(0) : MontagePlan.part
        let diameter = column.change { ($0.specimen?.radius.ångströms ?? 5_600_000) * 2 }
        let setting = montageSetting()
        let (width, height) = chip(setting)
        let pixel = setting.magnification.pixelSize * Double(setting.parameters.binning)
        func count(_ side: Int) -> Int {
            let (piece, step) = (Double(side) * pixel, Double(side) * pixel * (1 - part))
            return max(1, Int(((diameter - piece) / step).rounded(.up)) + 1)
        }
        try open(columns: count(width), rows: count(height), centre: .zero, file: call.lastText)
        change {
            $0.montage.size = (width, height)
            $0.montage.overlap = (Int((Double(width) * part).rounded()), Int((Double(height) * part).rounded()))
        }
        return .nothing
    }

    /// Sizes may be changed until the first piece is there.
    private func setMontageParams(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        guard let file = read(\.files).present, file.isMontage else {
            throw .sentence("A montage must be open already, in line:")
        }
        var plan = read(\.montage)
        let chip = chip(montageSetting())
        let present = plan.layout(width: chip.width, height: chip.height)
        let sizes = (1...4).map { index in call.integer(ifAny: index).flatMap { $0 > 0 ? $0 : nil } }
        guard sizes.allSatisfy({ $0 == nil }) || file.sections == 0 else {
            throw .sentence("The sizes cannot be changed once a piece has been saved, in line:")
        }
        if let binning = call.integer(ifAny: 6), binning > 0 { plan.binning = binning }
        if sizes[2] != nil || sizes[3] != nil { plan.size = (sizes[2] ?? present.width, sizes[3] ?? present.height) }
        if sizes[0] != nil || sizes[1] != nil { plan.overlap = (sizes[0] ?? present.overlapX, sizes[1] ?? present.overlapY) }
        let (size, overlap) = (plan.size ?? chip, plan.overlap ?? (0, 0))
        guard size.width <= chip.width, size.height <= chip.height, overlap.x < size.width / 2, overlap.y < size.height / 2
        else { throw .sentence("Pieces of this size and overlap cannot be made, in line:") }
        let changed = plan
        change { $0.montage = changed }
        return .nothing
    }

    /// Pieces are taken as Record images, in low dose at Search or View as those where the beam is there.
    func montageSetting() -> Setting {
        let area = read(\.lowDose).isOn ? read(\.lowDose).area : nil
        var setting = setting(area == .search ? .search : area == .view ? .view : .record)
        if let binning = read(\.montage).binning {
            var parameters = setting.parameters
            parameters.binning = binning
            setting = Setting(set: setting.set, parameters: parameters, magnification: setting.magnification)
        }
        setting.size = nil
        return setting
    }

    func chip(_ setting: Setting) -> (width: Int, height: Int) {
        (camera.optics.width / setting.parameters.binning, camera.optics.height / setting.parameters.binning)
    }
}
