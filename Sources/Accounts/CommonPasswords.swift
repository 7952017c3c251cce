/// The passwords that anybody who guesses tries first: a short list of words, with whatever people usually put around them, and walks over the
/// keyboard.
///
/// A list of whole passwords would be a hundred times as long and know `Welcome2023` but not `Welcome2027`.
enum CommonPasswords {
    /// `username`: whose password it would be; a name with a number behind it is guessed as early.
    static func contains(_ password: String, of username: String = "") -> Bool {
        let letters = Array(password.lowercased())
        return stems(of: letters).contains { words.contains($0) || $0 == username.lowercased() }
            || isRepeated(letters, of: username) || isWalk(letters) || isDate(letters)
    }

    /// What is left when the digits and signs at its ends are taken away, also with those that stand for letters read as letters.
    private static func stems(of password: [Character]) -> Set<String> {
        let read = password.map { lookalikes[$0] ?? $0 }
        // "p@ssw0rd1" loses its end before it is read, "passw0rd" must not, and of "1loveyou" the beginning is a letter.
        return Set(
            [inner(password), inner(password).map { lookalikes[$0] ?? $0 }, inner(read), password, read].map { String($0) })
    }

    private static func inner(_ text: [Character]) -> [Character] {
        guard let first = text.firstIndex(where: \.isLetter), let last = text.lastIndex(where: \.isLetter) else { return [] }
        return Array(text[first...last])
    }

    /// A short piece again and again, or a common one twice.
    private static func isRepeated(_ password: [Character], of username: String) -> Bool {
        guard password.count > 1 else { return false }
        return (1...password.count / 2).contains { length in
            guard password.count % length == 0, zip(password, password.dropFirst(length)).allSatisfy({ $0 == $1 }) else {
                return false
            }
            return length <= 4 || contains(String(password.prefix(length)), of: username)
        }
    }

    /// Nothing but pieces of three or more neighbours on a keyboard or in the alphabet, forwards or backwards.
    private static func isWalk(_ password: [Character]) -> Bool {
        var rest = password[...]
        while let length = rows.compactMap({ commonLength(rest, along: $0) }).max() {
            rest = rest.dropFirst(length)
            if rest.isEmpty { return true }
        }
        return false
    }

    /// How many characters of a row the text begins with; nil for fewer than three.
    private static func commonLength(_ text: ArraySlice<Character>, along row: [Character]) -> Int? {
        let lengths = row.indices.map { start in zip(text, row[start...]).prefix { $0 == $1 }.count }
        return lengths.max().flatMap { $0 >= 3 ? $0 : nil }
    }

    /// Eight digits that are a day of the last or this century, in any order of year, month and day.
    private static func isDate(_ password: [Character]) -> Bool {
        guard password.count == 8, let number = Int(String(password)), password.allSatisfy(\.isNumber) else { return false }
        let readings = [
            (year: number / 10_000, one: number / 100 % 100, two: number % 100),
            (year: number % 10_000, one: number / 1_000_000, two: number / 10_000 % 100),
        ]
        return readings.contains { day in
            (1900...2099).contains(day.year) && (1...31).contains(day.one) && (1...31).contains(day.two)
                && min(day.one, day.two) <= 12
        }
    }

    private static let lookalikes: [Character: Character] = [
        "0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "8": "b", "@": "a", "$": "s", "!": "i", "€": "e", "|": "l",
    ]

    private static let rows: [[Character]] = {
        let forwards = [
            "abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop", "qwertzuiopü", "azertyuiop", "asdfghjkl", "zxcvbnm",
            "yxcvbnm",
            "qazwsxedcrfvtgbyhnujm", "1qaz2wsx3edc4rfv5tgb6yhn7ujm", "1q2w3e4r5t6y7u8i9o0p", "q1w2e3r4t5y6u7i8o9p0",
            "1a2b3c4d5e6f",
            "a1b2c3d4e5f6", "!@#$%^&*()", "qweasdzxc", "147258369", "789456123", "112233445566778899", "159357",
            "1qazxsw23edcvfr4", "zaq12wsxcde34rfv",
            "!qaz@wsx#edc", "!qaz2wsx",
        ]
        return forwards.flatMap { [Array($0), $0.reversed()] }
    }()

    private static let words = Set(
        """
        password passwort passwd passcode pass passw mypassword newpassword kennwort motdepasse contrasena contraseña senha
        parola haslo heslo wachtwoord losenord lösenord salasana adgangskode passord secret geheim topsecret mysecret test testtest testing
        tester guest gast user username login signin admin administrator adminadmin root toor superuser sysadmin system server default
        changeme changeit change temp temporary letmein letmeinnow openup opensesame sesame welcome welcomehome willkommen bienvenue
        bienvenido hello hellohello helloworld hallo hallohallo bonjour hola ciao goodbye iloveyou ilovey iloveu loveyou loveme lovely
        lovelove love lover liebe schatz amour tequiero teamo ichliebedich jetaime forever trustno trustnoone trustme nothing whatever
        anything something access master mastermaster monkey monkeymonkey dragon dragonball football footbal fussball
        baseball basketball hockey soccer tennis golfer golf superman batman spiderman ironman starwars skywalker pokemon pikachu naruto
        minecraft fortnite computer internet laptop notebook keyboard monitor windows microsoft google facebook instagram youtube samsung
        iphone android apple linux ubuntu debian princess prinzessin prince queen king angel angels sunshine sunflower flower flowers
        rainbow butterfly summer sommer winter spring autumn herbst frühling january february march april may june july august september
        october november december januar februar märz mai juni juli oktober dezember monday tuesday wednesday thursday friday saturday
        sunday montag freitag sonntag morning michael jessica jennifer jordan thomas charlie daniel andrew joshua matthew anthony robert
        william george martin maria andrea nicole ashley amanda samantha stephanie michelle elizabeth patrick christian christopher
        alexander benjamin sebastian johannes richard victoria isabella natalie hannah matthias stefan shadow hunter killer ranger cowboy
        tigger tiger lion eagle falcon panther phoenix bulldog puppy kitty kitten hellokitty snoopy garfield bailey buster maggie pepper
        ginger cookie cookies chocolate schokolade banana orange cherry peanut coffee cheese pizza mustang ferrari porsche mercedes corvette
        harley yamaha toyota honda yankees cowboys lakers chelsea arsenal liverpool barcelona realmadrid juventus bayern manchester america
        england germany deutschland france canada london berlin munich paris newyork california texas boston dallas freedom freiheit peace
        jesus jesuschrist blessed heaven lovegod godisgood hardcore metallica slipknot nirvana guitar music player gamer gaming games
        warcraft matrix zaq qwerty qwertz azerty asdf asdfasdf asdfgh qwertyui qwer qweqwe abc abcd abcdef abcabc xyz aaaaaa zxcvbn
        blink merlin diamond silver golden purple yellow black white blue green red thunder lightning storm ocean nature
        science scientist laboratory labor professor doctor student university universität institute microscope microscopy mikroskop
        cryo cryoem electron titan krios titankrios glacios talos arctica jeol cryoarm serialem gridpilot screening sample facility staff
        operator viewer member group demo example woaini cryo-em
        """.split(whereSeparator: \.isWhitespace).map(String.init))
}
