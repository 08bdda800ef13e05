/** Tests that live through random steps, one life for each seed; a life says what is wrong, or null. */
import t from 'tap'

/** Lives with seeds from 1 up to `seeds`. A failing one is named with its seed. */
export function testLives(name: string, seeds: number, live: (seed: number) => string | null): void {
  t.test(name, (t) => {
    for (let seed = 1; seed <= seeds; seed++) {
      const problem = live(seed)
      if (problem !== null) t.fail(`seed ${seed}: ${problem}`)
    }
    t.pass(`${seeds} lives`)
    t.end()
  })
}
