/** Spoils one copy on disk, behind the daemons' backs: a check that cannot fail is worth nothing. */
import { readFile, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Changes one byte in the middle of a copy; returns where. */
export async function corruptOne(root: string): Promise<string> {
  for await (const path of copies(root)) {
    const data = await readFile(path)
    const middle = data.length >> 1
    data.writeUInt8((data.readUInt8(middle) + 1) % 256, middle)
    await writeFile(path, data)
    return path
  }
  throw new Error('--corrupt-one: there is no copy with a byte to change')
}

/** Deletes a copy, another one than `corruptOne` takes; returns where it was. */
export async function loseOne(root: string): Promise<string> {
  let last = ''
  for await (const path of copies(root)) last = path
  if (last === '') throw new Error('--lose-one: there is no copy to delete')
  await rm(last)
  return last
}

/** The copies of osd.0 that are not empty. */
async function* copies(root: string): AsyncGenerator<string> {
  const objects = join(root, 'osd.0', 'objects')
  for (const name of (await readdir(objects)).sort()) {
    const path = join(objects, name)
    if ((await stat(path)).size > 0) yield path
  }
}
