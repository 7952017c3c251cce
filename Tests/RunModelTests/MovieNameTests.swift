import RunModel
import Testing

@Suite struct MovieNameTests {
    @Test func `what is written about a movie is looked for under the names that programs give it`() {
        #expect(
            MovieName.companions(of: "/a.b/m_Fractions.tif") == [
                "/a.b/m_Fractions.tif.mdoc", "/a.b/m_Fractions.mdoc", "/a.b/m_Fractions.xml", "/a.b/m.xml",
            ])
        #expect(MovieName.companions(of: "/a.b/m") == ["/a.b/m.mdoc", "/a.b/m.mdoc", "/a.b/m.xml"])
    }

    @Test(arguments: ["m.eer", "m_EER.eer", "m_Fractions.mrc", "m.png"])
    func `each of them goes where it is looked for`(name: String) {
        let pairs = MovieName.companions(of: name, movingTo: "/s/g_1.eer")
        #expect(pairs.map(\.from) == MovieName.companions(of: name))
        #expect(pairs.allSatisfy { MovieName.companions(of: "/s/g_1.eer").contains($0.to) })
        #expect(pairs.first?.to == "/s/g_1.eer.mdoc" && pairs.last?.to == "/s/g_1.xml")
    }
}
