import Accounts
import RunModel
import Store
import WebServer

// Every command leaves a record with what became of it. It is written here, for all routes alike, by the word that stands in the route's row;
// what accounts change is written by `Accounts`, with the change.
//
// What ends a run in need (`isUrgent`) is neither refused nor held up because its record cannot be written: the record waits in the
// `AuditTrail`, and the act is done and answered meanwhile.
extension Services {
    /// Carries a route out. A refusal of somebody who is not signed in leaves no record: anybody could fill the log so.
    func run(_ route: Route, _ call: Call, _ body: BodyFields) async throws(Problem) -> HTTPResponse {
        var fields = body
        guard let word = route.audit else { return try await route.handler(call, &fields) }
        if word.isAskedFirst {
            audit.ask(entry(word, call, body, .asked))
            await write(route)
        }
        let answer: HTTPResponse
        do throws(Problem) { answer = try await route.handler(call, &fields) } catch {
            if call.requester != nil, word.isAskedFirst || error.isRefusalOfAct { await refuse(error, word, route, call, body) }
            throw error
        }
        if !word.isWrittenByAccounts {
            audit.add(entry(word, call, body, .taken, answer))
            await write(route)
        }
        return answer
    }

    /// Somebody who is signed in asked for what they may not do. Whoever is not signed in leaves nothing: anybody could fill the disk so.
    func auditRefusal(_ problem: Problem, of route: Route, _ call: Call) async {
        guard let word = route.audit, call.requester != nil, problem.status == 403 else { return }
        await refuse(problem, word, route, call, BodyFields([:]))
    }

    private func refuse(_ problem: Problem, _ word: AuditWord, _ route: Route, _ call: Call, _ body: BodyFields) async {
        // It may be done all the same, which `Accounts` then writes down.
        if word.isWrittenByAccounts, problem.code == AccountError.noAnswer.code {
            audit.add(entry(word, call, body, .asked))
            return await write(route)
        }
        audit.refuse(entry(word, call, body, .refused(code: problem.code)))
        await write(route)
    }

    private func entry(
        _ word: AuditWord, _ call: Call, _ body: BodyFields, _ outcome: AuditOutcome, _ answer: HTTPResponse? = nil
    ) -> AuditEntry {
        AuditEntry(
            at: now, by: call.author, word.act, on: word.subject(call, body, answer), detail: word.detail(call, body),
            outcome: outcome)
    }

    private func write(_ route: Route) async {
        guard route.isUrgent else { return await audit.write() }
        // One that is not taken at once stands in the server's own log at once.
        Task { await audit.write(within: configuration.urgentPatience) }
    }
}

extension Problem {
    /// Not so: a request that was no proper one, or that named what does not exist. Nobody is asked to answer for those.
    fileprivate var isRefusalOfAct: Bool { [403, 409, 422].contains(status) || status >= 500 }
}
