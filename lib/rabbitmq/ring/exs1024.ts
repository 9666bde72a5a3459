const MASK_64 = 2n ** 64n - 1n;
const MASK_21 = 2n ** 21n - 1n;

/**
 * Erlang's `rand` generator `exs1024` (Vigna's xorshift1024*, arXiv 1402.6246), seeded with `{seed, seed, seed}`. Yields the
 * numbers of `rand:uniform_s/1`, in [0, 1).
 */
export function* exs1024(seed: number): Generator<number, never> {
  const state = seeded(BigInt(seed));
  for (let index = 0; ; index = (index + 1) % 16) {
    const next = (index + 1) % 16;
    const before = state[index] as bigint;
    let after = state[next] as bigint;
    after ^= (after << 31n) & MASK_64;
    after ^= after >> 11n;
    after ^= before ^ (before >> 30n);
    state[next] = after;
    yield Number((after * 1181783497276652981n) & MASK_64) / 2 ** 64;
  }
}

/** The sixteen words, made by xorshift64*; Erlang prepends each to the previous ones. */
function seeded(seed: bigint): bigint[] {
  const part = (factor: bigint): bigint => (((seed & MASK_21) + 1n) * factor) & MASK_21;
  let word = (part(2097131n) << 43n) | (part(2097133n) << 22n) | (part(2097143n) << 1n) | 1n;
  const state: bigint[] = [];
  for (let count = 0; count < 16; count++) {
    word ^= word >> 12n;
    word ^= (word << 25n) & MASK_64;
    word ^= word >> 27n;
    state.unshift((word * 2685821657736338717n) & MASK_64);
  }
  return state;
}
