import JSONText

/// The description of the API, made from the router's own table, so that no route can be missing and no permission be
/// out of date.
///
/// It names addresses, fields, rights and statuses. What a field may hold is not described: the schema of each is
/// empty, and a body that does not fit is told field by field when it is sent. Every refusal of every route has the one
/// form `Problem`.
enum OpenAPI {
    static func description(of routes: [Route], version: String) -> JSONValue {
        var paths: JSONValue = [:]
        // Pages are for browsers.
        for route in routes where route.contentType != "text/html" {
            var methods = paths[route.path] ?? [:]
            methods[route.method.lowercased()] = operation(route)
            paths[route.path] = methods
        }
        return [
            // 3.1, because a remedy that may be null cannot be described in 3.0 by its type.
            "openapi": "3.1.0", "info": ["title": "GridPilot", "version": .string(version)], "paths": paths,
            "components": [
                "securitySchemes": [
                    "cookie": ["type": "apiKey", "in": "cookie", "name": .string(Requester.cookie)],
                    "token": ["type": "http", "scheme": "bearer"],
                ],
                "schemas": ["Problem": problem],
            ],
        ]
    }

    private static func operation(_ route: Route) -> JSONValue {
        var operation: JSONValue = [
            // OpenAPI has no word for rights within a sign-in, so the act stands in a field of ours. An empty list
            // under `security` means that no sign-in is needed; two entries mean either of them.
            "summary": .string(route.summary), "x-permission": .string(permission(route.access)),
            "security": route.access == .open ? [] : [["cookie": []], ["token": []]],
            "responses": [
                "\(route.status)": answer(route), "default": problemAnswer,
            ],
        ]
        let parameters = pathParameters(route) + route.query.map { parameter($0, in: "query") } + header(route)
        if !parameters.isEmpty { operation["parameters"] = .array(parameters) }
        if let word = route.audit { operation["x-audit"] = .string(word.act) }
        if case .fields(let fields, let required) = route.body { operation["requestBody"] = body(fields, required) }
        return operation
    }

    /// The name of the act, as in the permission table: `readSession`, `controlSession`, `staffAct`.
    private static func permission(_ access: Access) -> String {
        switch access {
        case .open: "everybody"
        case .signedIn: "signedIn"
        case .metrics: "loopbackOrToken"
        case .act(let act), .session(let act), .someGroup(let act): act.rawValue
        }
    }

    private static func answer(_ route: Route) -> JSONValue {
        guard route.status != 204 else { return ["description": "Done."] }
        return [
            "description": .string(route.status == 202 ? "Accepted." : "The answer."),
            "content": .object([route.contentType: [:]]),
        ]
    }

    private static let problemAnswer: JSONValue = [
        "description": "Refused.",
        "content": ["application/problem+json": ["schema": ["$ref": "#/components/schemas/Problem"]]],
    ]

    private static func pathParameters(_ route: Route) -> [JSONValue] {
        route.segments.filter { $0.hasPrefix("{") }.map { parameter(String($0.dropFirst().dropLast()), in: "path") }
    }

    private static func header(_ route: Route) -> [JSONValue] {
        route.isCommand ? [parameter("Idempotency-Key", in: "header")] : []
    }

    private static func parameter(_ name: String, in place: String) -> JSONValue {
        ["name": .string(name), "in": .string(place), "required": .bool(place == "path"), "schema": ["type": "string"]]
    }

    /// `additionalProperties: false`, as the router does: a field that is not known is refused. A field that is listed
    /// twice in a route stops the program here, which the first test that reads the description finds.
    private static func body(_ fields: [String], _ required: [String]) -> JSONValue {
        [
            "required": .bool(!required.isEmpty),
            "content": [
                "application/json": [
                    "schema": [
                        "type": "object", "required": .array(required.map(JSONValue.string)), "additionalProperties": false,
                        "properties": .object(Dictionary(uniqueKeysWithValues: fields.map { ($0, [:]) })),
                    ]
                ]
            ],
        ]
    }

    /// A wrong body has its `problems` besides; clients take further members as they come.
    private static let problem: JSONValue = [
        "type": "object", "required": ["code", "title", "status", "sentence", "remedy"],
        "properties": [
            "code": ["type": "string"], "title": ["type": "string"], "status": ["type": "integer"],
            "sentence": ["type": "string"],
            "remedy": ["type": ["string", "null"]],
        ],
    ]
}
