/// The value at a rank without sorting all: Hoare, Comm. ACM 4 (1961) 321.
enum Ranking {
    /// What would stand at `rank` were the values sorted; they are left partly so. No value may be NaN.
    static func value(of values: inout [Float], at rank: Int) -> Float {
        values.withUnsafeMutableBufferPointer { values in
            var (left, right) = (0, values.count - 1)
            while left < right {
                let middle = values[left + (right - left) / 2]
                // The median of three: rows of equal or rising values are usual in images.
                let pivot = max(min(values[left], middle), min(max(values[left], middle), values[right]))
                var (i, j) = (left, right)
                while i <= j {
                    while values[i] < pivot { i += 1 }
                    while values[j] > pivot { j -= 1 }
                    guard i <= j else { break }
                    (values[i], values[j]) = (values[j], values[i])
                    (i, j) = (i + 1, j - 1)
                }
                if rank <= j { right = j } else if rank >= i { left = i } else { return values[rank] }
            }
            return values[rank]
        }
    }
}
