/// Stored numbers to pixels and back.
enum MRCPixels {
    /// Decodes one section; `bytes` holds exactly that section.
    static func decode(_ bytes: UnsafeRawBufferPointer, header: MRCHeader) -> [Float] {
        let count = header.width * header.height
        return [Float](unsafeUninitializedCapacity: count) { target, filled in
            decode(bytes, header: header, rows: header.height, into: target)
            filled = count
        }
    }

    /// Decodes some rows.
    static func decode(
        _ bytes: UnsafeRawBufferPointer, header: MRCHeader, rows: Int, into target: UnsafeMutableBufferPointer<Float>
    ) {
        let count = header.width * rows
        switch header.mode {
        case .int8 where header.bytesAreSigned:
            for i in 0..<count { target[i] = Float(Int8(bitPattern: bytes[i])) }
        case .int8:
            for i in 0..<count { target[i] = Float(bytes[i]) }
        case .int16:
            words(bytes, UInt16.self, header.isBigEndian, count, target) { Float(Int16(bitPattern: $0)) }
        case .uint16:
            words(bytes, UInt16.self, header.isBigEndian, count, target) { Float($0) }
        case .float16:
            words(bytes, UInt16.self, header.isBigEndian, count, target) { sane(Float(Float16(bitPattern: $0))) }
        case .float32:
            words(bytes, UInt32.self, header.isBigEndian, count, target) { sane(Float(bitPattern: $0)) }
        case .packed4:
            unpack(bytes, width: header.width, height: rows, into: target)
        }
    }

    @inline(__always)
    private static func words<Word: FixedWidthInteger>(
        _ bytes: UnsafeRawBufferPointer, _ type: Word.Type, _ isBigEndian: Bool, _ count: Int,
        _ target: UnsafeMutableBufferPointer<Float>, _ value: (Word) -> Float
    ) {
        let base = bytes.baseAddress!
        let step = MemoryLayout<Word>.size
        if isBigEndian {
            for i in 0..<count { target[i] = value(base.loadUnaligned(fromByteOffset: i * step, as: Word.self).byteSwapped) }
        } else {
            for i in 0..<count { target[i] = value(base.loadUnaligned(fromByteOffset: i * step, as: Word.self)) }
        }
    }

    /// Damaged files hold not-a-number or numbers no detector counts; one of them would spoil every sum it enters.
    @inline(__always)
    private static func sane(_ value: Float) -> Float {
        abs(value) < 1e15 ? value : 0
    }

    private static func unpack(
        _ bytes: UnsafeRawBufferPointer, width: Int, height: Int, into target: UnsafeMutableBufferPointer<Float>
    ) {
        let row = (width + 1) / 2
        for y in 0..<height {
            for x in 0..<width {
                let byte = bytes[y * row + x / 2]
                target[y * width + x] = Float(x % 2 == 0 ? byte & 15 : byte >> 4)
            }
        }
    }

    /// Little-endian bytes of `pixels`, rounded and held within what `mode` can store.
    static func encode(_ pixels: [Float], mode: MRCMode) -> [UInt8] {
        switch mode {
        case .int8: bytes(pixels, Int8.self) { Int8($0.rounded().held(-128, 127)) }
        case .int16: bytes(pixels, Int16.self) { Int16($0.rounded().held(-32768, 32767)) }
        case .uint16: bytes(pixels, UInt16.self) { UInt16($0.rounded().held(0, 65535)) }
        case .float16: bytes(pixels, UInt16.self) { Float16($0).bitPattern }
        case .float32: bytes(pixels, UInt32.self) { $0.bitPattern }
        case .packed4: preconditionFailure("mode 101 is only read")
        }
    }

    @inline(__always)
    private static func bytes<Word: FixedWidthInteger>(
        _ pixels: [Float], _ type: Word.Type, _ word: (Float) -> Word
    ) -> [UInt8] {
        let step = MemoryLayout<Word>.size
        return [UInt8](unsafeUninitializedCapacity: pixels.count * step) { target, filled in
            let raw = UnsafeMutableRawPointer(target.baseAddress!)
            for i in 0..<pixels.count {
                raw.storeBytes(of: word(pixels[i]).littleEndian, toByteOffset: i * step, as: Word.self)
            }
            filled = pixels.count * step
        }
    }
}

extension Float {
    /// Not-a-number becomes 0: integers have no place for it.
    fileprivate func held(_ low: Float, _ high: Float) -> Float {
        isNaN ? 0 : Swift.min(Swift.max(self, low), high)
    }
}
