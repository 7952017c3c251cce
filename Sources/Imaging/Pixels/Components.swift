/// A connected patch of a mask.
struct Component {
    var pixels: [Int] = []
    var x = 0.0
    var y = 0.0
    var touchesBorder = false
    var area: Int { pixels.count }
    var width = 0
    var height = 0
}

extension Image {
    /// The connected patches of pixels over one half, sharing sides; those below `least` pixels are left out.
    func components(atLeast least: Int = 1) -> [Component] {
        var seen = pixels.map { $0 <= 0.5 }
        var found: [Component] = []
        for start in seen.indices where !seen[start] {
            let patch = fill(from: start, seen: &seen)
            if patch.count >= least { found.append(component(patch)) }
        }
        return found
    }

    private func fill(from start: Int, seen: inout [Bool]) -> [Int] {
        var patch = [start]
        seen[start] = true
        var next = 0
        while next < patch.count {
            let i = patch[next]
            next += 1
            let x = i % width
            if x > 0 { visit(i - 1, &seen, &patch) }
            if x < width - 1 { visit(i + 1, &seen, &patch) }
            if i >= width { visit(i - width, &seen, &patch) }
            if i + width < seen.count { visit(i + width, &seen, &patch) }
        }
        return patch
    }

    @inline(__always)
    private func visit(_ i: Int, _ seen: inout [Bool], _ patch: inout [Int]) {
        guard !seen[i] else { return }
        seen[i] = true
        patch.append(i)
    }

    private func component(_ patch: [Int]) -> Component {
        var component = Component(pixels: patch)
        var (left, right, bottom, top) = (width, 0, height, 0)
        for i in patch {
            let (x, y) = (i % width, i / width)
            component.x += Double(x)
            component.y += Double(y)
            (left, right, bottom, top) = (min(left, x), max(right, x), min(bottom, y), max(top, y))
        }
        component.x /= Double(patch.count)
        component.y /= Double(patch.count)
        component.width = right - left + 1
        component.height = top - bottom + 1
        component.touchesBorder = left == 0 || bottom == 0 || right == width - 1 || top == height - 1
        return component
    }
}
