import CTIFF

/// How a TIFF file's pixels are packed, by TIFF's numbers.
enum TIFFCompression {
    /// Those that lose nothing. zstd is one of them where this machine's libtiff was built with it.
    static func isReadable(_ number: Int) -> Bool {
        switch number {
        case 1, 5, 8, 32773, 32946: true
        case 50000: TIFFIsCODECConfigured(50000) == 1
        default: false
        }
    }

    /// For a sentence that says it is not read.
    static func name(of number: Int) -> String {
        [
            2: "CCITT, for pixels that are black or white", 3: "CCITT, as faxes are", 4: "CCITT, as faxes are", 6: "JPEG",
            7: "JPEG, which loses", 34712: "JPEG 2000", 34925: "LZMA", 50000: "zstd, which this computer's libtiff lacks",
            50001: "WebP", 50002: "JPEG XL",
        ][number].map { "\($0) (number \(number))" } ?? "number \(number)"
    }
}
