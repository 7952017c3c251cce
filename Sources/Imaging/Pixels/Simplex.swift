/// Nelder and Mead's downhill simplex, turned to climb: finds a nearby maximum without derivatives.
enum Simplex {
    struct Peak {
        var point: [Double]
        var value: Double
    }

    /// Starts at `start` with steps of `steps` and ends when the simplex is smaller than `tolerance` along every axis.
    static func climb(
        from start: [Double], steps: [Double], tolerance: Double, limit: Int = 400, _ value: ([Double]) -> Double
    ) -> Peak {
        var corners = [Peak(point: start, value: value(start))]
        for (axis, step) in steps.enumerated() {
            var point = start
            point[axis] += step
            corners.append(Peak(point: point, value: value(point)))
        }
        for _ in 0..<limit {
            corners.sort { $0.value > $1.value }
            if isSmall(corners, tolerance) { break }
            move(&corners, value)
        }
        return corners.max { $0.value < $1.value }!
    }

    private static func isSmall(_ corners: [Peak], _ tolerance: Double) -> Bool {
        corners[0].point.indices.allSatisfy { axis in
            corners.allSatisfy { abs($0.point[axis] - corners[0].point[axis]) < tolerance }
        }
    }

    private static func move(_ corners: inout [Peak], _ value: ([Double]) -> Double) {
        let worst = corners.count - 1
        let centre = corners[0].point.indices.map { axis in
            corners.dropLast().reduce(0) { $0 + $1.point[axis] } / Double(worst)
        }
        func probe(_ factor: Double) -> Peak {
            let point = zip(centre, corners[worst].point).map { $0 + factor * ($0 - $1) }
            return Peak(point: point, value: value(point))
        }
        let reflected = probe(1)
        if reflected.value > corners[0].value {
            let expanded = probe(2)
            corners[worst] = expanded.value > reflected.value ? expanded : reflected
        } else if reflected.value > corners[worst - 1].value {
            corners[worst] = reflected
        } else {
            let contracted = reflected.value > corners[worst].value ? probe(0.5) : probe(-0.5)
            if contracted.value > corners[worst].value {
                corners[worst] = contracted
            } else {
                shrink(&corners, value)
            }
        }
    }

    private static func shrink(_ corners: inout [Peak], _ value: ([Double]) -> Double) {
        for i in 1..<corners.count {
            let point = zip(corners[0].point, corners[i].point).map { ($0 + $1) / 2 }
            corners[i] = Peak(point: point, value: value(point))
        }
    }
}
