import Foundation
import JSONText
import Testing

@Suite struct JSONValueTests {
    private let value: JSONValue = ["name": "a", "slot": 3, "share": 0.5, "isOpen": true, "holes": [1, 2], "none": nil]

    @Test func `members and items are reached by name and place`() {
        #expect(value["name"]?.text == "a")
        #expect(value["slot"]?.int == 3)
        #expect(value["slot"]?.double == 3)
        #expect(value["share"]?.double == 0.5)
        #expect(value["share"]?.int == nil)
        #expect(value["isOpen"]?.bool == true)
        #expect(value["holes"]?[1] == 2)
        #expect(value["holes"]?[2] == nil)
        #expect(value["none"]?.isNull == true)
        #expect(value["other"] == nil)
        #expect(value["name"]?["deeper"] == nil)
    }

    @Test func `a member can be set and removed`() {
        var changed = value
        changed["slot"] = 4
        changed["name"] = JSONValue?.none
        #expect(changed["slot"] == 4)
        #expect(changed.fields?.keys.contains("name") == false)
    }

    @Test func `another coder carries a value as well`() throws {
        let data = try JSONEncoder().encode(value)
        #expect(try JSONDecoder().decode(JSONValue.self, from: data) == value)
    }
}
