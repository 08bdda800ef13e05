/** The modules that package.json exports: the name that each is imported by, and where it is in src and dist, without its ending. */
export function exportedModules({ exports }) {
  return Object.entries(exports)
    .filter(([, target]) => typeof target === 'object')
    .map(([subpath, { types }]) => ({
      name: subpath.replace('.', 'inkwire'),
      stem: types.replace('./dist/', '').replace(/\.d\.ts$/, ''),
    }))
}
