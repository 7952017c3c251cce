// swift-tools-version: 6.2
import PackageDescription

// Loops over pixels are a hundred times slower without the optimiser, so tests would take hours.
let optimised: [SwiftSetting] = [.unsafeFlags(["-O"], .when(configuration: .debug))]

// The picture of the house is in CONTRIBUTING.md; `scripts/check-arrows` holds every import against this file.
let package = Package(
    name: "gridpilot",
    products: [.executable(name: "gridpilot", targets: ["gridpilot"])],
    dependencies: [
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/apple/swift-system", from: "1.7.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
    ],
    targets: [
        .systemLibrary(name: "CLibWebSockets", pkgConfig: "libwebsockets", providers: [.apt(["libwebsockets-dev"])]),
        .systemLibrary(name: "CJansson", pkgConfig: "jansson", providers: [.apt(["libjansson-dev"])]),
        .systemLibrary(name: "CSodium", pkgConfig: "libsodium", providers: [.apt(["libsodium-dev"])]),
        .systemLibrary(name: "CFFTW", pkgConfig: "fftw3f", providers: [.apt(["libfftw3-dev"])]),
        .systemLibrary(name: "CTIFF", pkgConfig: "libtiff-4", providers: [.apt(["libtiff-dev"])]),
        .systemLibrary(name: "CPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"])]),

        .target(name: "RunModel"),
        .target(name: "Hashing", dependencies: ["CSodium"]),
        .target(name: "Blocking", dependencies: [.product(name: "SystemPackage", package: "swift-system")]),
        .target(name: "JSONText", dependencies: ["CJansson"]),
        .target(
            name: "Imaging",
            dependencies: ["RunModel", "CFFTW", "CTIFF", "CPNG", .product(name: "SystemPackage", package: "swift-system")],
            swiftSettings: optimised),
        .target(name: "Microscope", dependencies: ["RunModel", "Imaging", "Blocking"], swiftSettings: optimised),
        .target(
            name: "Simulator", dependencies: ["Microscope", "RunModel", "JSONText", "Imaging"], swiftSettings: optimised),
        .target(
            name: "SerialEMSimulator", dependencies: ["Simulator", "Microscope", "RunModel", "Imaging", "Blocking"],
            swiftSettings: optimised),
        .target(
            name: "Store",
            dependencies: [
                "Blocking", "Hashing", "RunModel", "JSONText", .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ]),
        .target(
            name: "Processing",
            dependencies: [
                "Imaging", "Blocking", "JSONText", "RunModel",
                .product(name: "Subprocess", package: "swift-subprocess"),
            ]),
        .target(
            name: "Engine",
            dependencies: [
                "Processing", "Store", "Microscope", "Imaging", "Blocking", "RunModel", "JSONText",
                .product(name: "Yams", package: "Yams"),
            ],
            resources: [.embedInCode("Recipes/spa.yaml"), .embedInCode("Recipes/negative_stain.yaml")]),
        .target(name: "Accounts", dependencies: ["Store", "RunModel", "JSONText", "Blocking", "Hashing"]),
        .target(name: "WebServer", dependencies: ["Blocking", "CLibWebSockets"]),
        .target(
            name: "RunAPI",
            dependencies: ["WebServer", "Engine", "Store", "Accounts", "Blocking", "Hashing", "JSONText", "RunModel", "Imaging"]),
        .executableTarget(
            name: "gridpilot",
            dependencies: [
                "RunAPI", "WebServer", "Engine", "Processing", "Store", "Accounts", "Microscope", "Simulator",
                "SerialEMSimulator", "Imaging", "Hashing", "Blocking", "JSONText", "RunModel",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Yams", package: "Yams"),
            ]),
        .executableTarget(
            name: "gridpilot-bench",
            dependencies: [
                "RunAPI", "WebServer", "Engine", "Processing", "Store", "Accounts", "Microscope", "Simulator",
                "SerialEMSimulator", "Imaging", "Blocking", "JSONText", "RunModel", "ImagingSamples",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),

        .target(
            name: "TestSupport", dependencies: ["RunModel", "Engine", "Processing", "Microscope", "Simulator", "Store"],
            path: "Tests/TestSupport"),
        // Thousands of seeded sessions, in a release build.
        .executableTarget(
            name: "gridpilot-stories",
            dependencies: ["TestSupport", .product(name: "ArgumentParser", package: "swift-argument-parser")],
            path: "Tests/Stories"),
        // Movies, spectra and grids whose truth is known, drawn with formulas of their own.
        .target(
            name: "ImagingSamples", dependencies: ["Imaging"], path: "Tests/ImagingSamples", exclude: ["README.md"],
            swiftSettings: optimised),
        .testTarget(name: "RunModelTests", dependencies: ["RunModel", "JSONText"], exclude: ["Golden"]),
        .testTarget(name: "HashingTests", dependencies: ["Hashing"]),
        .testTarget(name: "BlockingTests", dependencies: ["Blocking"]),
        .testTarget(name: "JSONTextTests", dependencies: ["JSONText"]),
        .testTarget(
            name: "ImagingTests", dependencies: ["Imaging", "ImagingSamples", "RunModel"], resources: [.copy("Resources")]),
        .testTarget(
            name: "MicroscopeTests",
            dependencies: ["Microscope", "Simulator", "SerialEMSimulator", "Imaging", "Blocking", "RunModel", "TestSupport"]),
        .testTarget(
            name: "SimulatorTests",
            dependencies: ["Simulator", "Microscope", "Imaging", "RunModel", "JSONText", "TestSupport"]),
        .testTarget(
            name: "SerialEMSimulatorTests",
            dependencies: ["SerialEMSimulator", "Simulator", "Microscope", "Imaging", "RunModel", "TestSupport"]),
        .testTarget(
            name: "StoreTests",
            dependencies: ["Store", "Blocking", "RunModel", "JSONText", .product(name: "GRDB", package: "GRDB.swift")],
            resources: [.copy("Resources")]),
        .testTarget(name: "TestSupportTests", dependencies: ["TestSupport"]),
        .testTarget(
            name: "ProcessingTests",
            dependencies: [
                "Processing", "Simulator", "Imaging", "ImagingSamples", "Blocking", "JSONText", "RunModel", "TestSupport",
            ],
            resources: [.copy("Resources")]),
        .testTarget(
            name: "EngineTests",
            dependencies: [
                "Engine", "Processing", "Store", "Microscope", "Simulator", "SerialEMSimulator", "Imaging", "Blocking",
                "RunModel",
                "TestSupport",
            ], exclude: ["Recorded"]),
        .testTarget(name: "AccountsTests", dependencies: ["Accounts", "Store", "RunModel", "Blocking", "Hashing"]),
        .testTarget(name: "WebServerTests", dependencies: ["WebServer", "Blocking"]),
        .testTarget(
            name: "RunAPITests",
            dependencies: [
                "RunAPI", "WebServer", "Engine", "Processing", "Store", "Accounts", "JSONText", "RunModel", "Imaging",
                "Simulator", "TestSupport", "Blocking",
            ]),
        .testTarget(
            name: "GridPilotTests",
            dependencies: [
                "gridpilot", "Blocking", "Engine", "Store", "Microscope", "RunModel", "WebServer",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),
        .testTarget(
            name: "EndToEndTests", dependencies: ["Processing", "JSONText", "RunModel", "TestSupport"],
            resources: [.copy("Resources")]),
    ],
    swiftLanguageModes: [.v6]
)

// A warning that stays is one that nobody reads. The toolchain is pinned, so a newer compiler's taste breaks no build.
for target in package.targets where target.type != .system {
    target.swiftSettings = (target.swiftSettings ?? []) + [.treatAllWarnings(as: .error)]
}
