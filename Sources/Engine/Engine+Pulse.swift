import RunModel

extension Engine {
    /// Says every few seconds which runs live: a page shows how long ago it heard of its run, which may be in a wait of minutes.
    func pulse() async {
        let changes = Condition()
        while !Task.isCancelled {
            for id in livingSessions() { journal.tellNow(.heard(id, parts.now())) }
            await journal.tellLate()
            await pipeline.writeUnwritten()
            await tidyUp()
            let timer = Timer(duration: parts.settings.pulseInterval, clock: parts.clock)
            await timer.wait(orUntil: changes, after: changes.generation)
        }
    }
}
