import Glibc
import Yams

// What a facility writes by hand: its configuration and its recipes. Whatever it is, it is taken, or refused in a sentence.

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let text = String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    do throws(CommandProblem) {
        let configuration = try Configuration(yaml: text, from: "facility.yaml")
        precondition(
            configuration.detectors.allSatisfy { detector in
                configuration.microscopes.contains { $0.id == detector.microscope }
            }, "no detector is without its microscope")
    } catch {
        precondition(!error.sentence.isEmpty && error.remedy != nil, "what is refused is explained")
    }
    var book = RecipeBook()
    do throws(RecipeProblem) {
        try book.add(yaml: text, from: "recipe.yaml")
        precondition(book.all.allSatisfy { $0.problems().isEmpty }, "no recipe is taken that cannot be followed")
    } catch {
        precondition(!error.sentence.isEmpty && error.remedy != nil, "what is refused is explained")
    }
    return 0
}
