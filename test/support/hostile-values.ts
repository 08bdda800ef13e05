/** What user code may throw or answer to break whoever describes it. */

/** Values that throw when they are looked at, by what they are. */
export function hostileValues(): readonly (readonly [what: string, value: unknown])[] {
  const revoked = Proxy.revocable({}, {})
  revoked.revoke()
  const trap = (): never => {
    throw new Error('do not look')
  }
  const proxy = new Proxy({}, { get: trap, getPrototypeOf: trap, has: trap, ownKeys: trap })
  class Unreadable extends Error {
    override get message(): string {
      return trap()
    }
  }
  class Untraceable extends Error {
    override get stack(): string {
      return trap()
    }
  }
  return [
    ['an object without a prototype', Object.create(null)],
    ['a revoked proxy', revoked.proxy],
    ['a proxy that throws', proxy],
    ['an error whose message throws', new Unreadable()],
    ['an error whose stack throws', new Untraceable()],
    ['a symbol', Symbol('s')],
    ['an object whose toString throws', { toString: trap }],
    ['null', null],
    ['undefined', undefined],
  ]
}
