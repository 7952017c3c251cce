import Engine
import Foundation
import RunModel
import Store
import TestSupport
import Testing

@Suite struct RecipeBookTests {
    private static let good = """
        name: mine
        title: My own
        targets: holes
        atlas: [acquireAtlas]
        square: [moveStage, acquireSearch]
        hole: [moveStage, acquireView]
        highMag: [record]
        """

    @Test func `the shipped recipes can be followed`() throws {
        #expect(try RecipeBook.shipped().all.map(\.name) == ["negative_stain", "spa"])
    }

    @Test func `a recipe of the facility takes the place of one with its name`() throws {
        var book = try RecipeBook.shipped()
        try book.add(yaml: Self.good.replacingName("spa"), from: "spa.yaml")
        #expect(book["spa"]?.title == "My own")
        #expect(book.all.count == 2)
        #expect(book["mine"] == nil)
    }

    @Test func `the recipes in the facility's folder join the shipped ones, and other files there do not`() throws {
        let folder = try TemporaryFolder()
        try Self.good.write(to: folder.url.appending(path: "mine.yaml"), atomically: true, encoding: .utf8)
        try "Ask staff.".write(to: folder.url.appending(path: "README.md"), atomically: true, encoding: .utf8)
        #expect(try RecipeBook.load(from: folder.path).all.map(\.name) == ["mine", "negative_stain", "spa"])
        #expect(try RecipeBook.load(from: nil).all.count == 2)
    }

    @Test func `a folder of recipes that is not there is named in a sentence`() throws {
        let problem = try #require(throws: RecipeProblem.self) { try RecipeBook.load(from: "/nowhere/recipes") }
        #expect(problem.sentence == "The folder of recipes /nowhere/recipes cannot be read: no such file or directory.")
    }

    @Test(arguments: [
        ("name: [", "The recipe bad.yaml cannot be followed: did not find expected node content. Line 2, column 1."),
        ("title: x", "The recipe bad.yaml cannot be followed: it has no 'name'"),
        ("", "The recipe bad.yaml cannot be followed: "),
        (good.replacing("[record]", with: "[record, dance]"), "The recipe bad.yaml cannot be followed: highMag"),
        (
            good.replacing("[record]", with: "record"),
            "The recipe bad.yaml cannot be followed: 'highMag' is not of the kind it should be. Line 7, column 10."
        ),
        (good.replacing("[record]", with: "[autofocus]"), "The recipe bad.yaml cannot be followed: highMag needs record."),
        (
            good.replacing("[acquireAtlas]", with: "[acquireAtlas, record]"),
            "The recipe bad.yaml cannot be followed: record does not belong in atlas. Line 4, column 23."
        ),
        (good.replacing("holes", with: "stars"), "The recipe bad.yaml cannot be followed: targets"),
    ])
    func `a recipe that cannot be followed is named in a sentence`(yaml: String, sentence: String) throws {
        var book = RecipeBook()
        let problem = try #require(throws: RecipeProblem.self) { try book.add(yaml: yaml, from: "bad.yaml") }
        #expect(problem.sentence.hasPrefix(sentence), "\(problem.sentence)")
        #expect(problem.remedy != nil && problem.sentence.hasSuffix("."))
        // What the decoder says, and the place, are a sentence each.
        #expect(problem.sentence.firstRange(of: /[^.] Line \d/) == nil)
        #expect(book.all.isEmpty)
    }

    @Test(arguments: [
        // It may take the place of any, or says of which.
        ("name: [", ["mine"]), ("name: spa\ntitle: x", ["mine", "negative_stain"]),
        ("name: other", ["mine", "negative_stain", "spa"]),
        ("name: mine", ["negative_stain", "spa"]), ("name: a\nname: b", ["mine"]),
    ])
    func `a file that cannot be followed keeps no other recipe away, and none takes its place`(bad: String, left: [String]) throws
    {
        let folder = try TemporaryFolder()
        try Self.good.write(to: folder.url.appending(path: "mine.yaml"), atomically: true, encoding: .utf8)
        try bad.write(to: folder.url.appending(path: "bad.yaml"), atomically: true, encoding: .utf8)
        let book = try RecipeBook.load(from: folder.path)
        #expect(book.all.map(\.name) == left)
        #expect(book.problems.count == 1 && book.problems[0].sentence.hasPrefix("The recipe bad.yaml cannot be followed: "))
    }

    @Test func `a session that asks for an unknown recipe is not made`() throws {
        let scene = try Scene()
        var created = scene.world.session("other")
        created.grids[1].recipe = "mystery"
        let asked = created
        let refusal = try scene.refusal { try await $0.create(asked) }
        #expect(refusal == .recipe("Grid 2 asks for the recipe 'mystery', which this facility does not have."))
        #expect(try scene.world.store.session("other") == nil)
    }

    @Test func `a session whose recipe has gone is not started`() throws {
        var scene = try Scene { parts in if parts.store.hasSession { parts.recipes = RecipeBook() } }
        try scene.crash()
        let id = scene.id
        #expect(try scene.refusal { try await $0.start(id, by: "operator", command: "c") }?.code == "recipe.unusable")
        #expect(scene.ledger.isEmpty)
    }
}

extension String {
    fileprivate func replacingName(_ name: String) -> String { replacing("name: mine", with: "name: \(name)") }
}

extension RunStore {
    fileprivate var hasSession: Bool { (try? newestSeq()) ?? 0 > 0 }
}
