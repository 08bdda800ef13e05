/** Holds src/ to the house style, and tries the rules on planted violations. */
import t from 'tap'
import { report, source, sources, type Problem, type Source } from './source.ts'
import { bannedSyntax, longFiles, longFunctions, longLines, missingHeaders, onlyCalls, shortened } from './style.ts'
import { FILE_LINES_MAX, FUNCTION_LINES_MAX, LINE_COLUMNS_MAX } from './style.ts'

t.test('src is written in the house style', (t) => {
  const files = sources('src')
  report(t, 'banned syntax', bannedSyntax(files))
  report(t, 'line length', longLines(files))
  report(t, 'file length', longFiles(files))
  report(t, 'longer files that are not', shortened(files))
  report(t, 'function length', longFunctions(files))
  report(t, 'file header', missingHeaders(files))
  t.end()
})

t.test('no test silences the others', (t) => {
  report(t, 'no only()', onlyCalls(sources('src', 'test')))
  t.end()
})

t.test('the rules see what is planted', (t) => {
  const lines = (count: number) => 'f()\n'.repeat(count)
  const planted: [rule: (files: Source[]) => Problem[], text: string, expected: RegExp][] = [
    [bannedSyntax, '\n// TO' + 'DO later', /a\.ts:2: .*open an issue/],
    [bannedSyntax, '/* FIX' + 'ME */', /a\.ts:1: .*open an issue/],
    [bannedSyntax, '// @ts-ig' + 'nore', /a\.ts:1: @ts-\w+; give the compiler/],
    [bannedSyntax, 'const x = y as any', /a\.ts:1: any;/],
    [bannedSyntax, 'function f(x: any[]): void {}', /a\.ts:1: any;/],
    [bannedSyntax, 'const m = new Map<string, any>()', /a\.ts:1: any;/],
    [bannedSyntax, 'enum A { B }', /enum does not erase/],
    [bannedSyntax, 'namespace A { f() }', /namespace does not erase/],
    [bannedSyntax, 'class A { constructor(private x: string) {} }', /parameter property/],
    [onlyCalls, "\n\nt.only('x', f)", /a\.ts:3: only\(\) silences/],
    [longLines, `\n// ${'x'.repeat(LINE_COLUMNS_MAX)}`, /a\.ts:2: 143 columns of at most 140/],
    [longFiles, lines(FILE_LINES_MAX + 1), /a\.ts:251: 251 lines of at most 250/],
    [longFunctions, `\nfunction f() {\n${lines(FUNCTION_LINES_MAX)}}`, /a\.ts:2: 72 lines in one function/],
    [longFunctions, `class A {\n  m(): void {\n${lines(FUNCTION_LINES_MAX)}}}`, /a\.ts:2: 72 lines in one function/],
    [longFunctions, `const f = () => {\n${lines(FUNCTION_LINES_MAX)}}`, /a\.ts:1: 72 lines in one function/],
    [missingHeaders, "import t from 'tap'", /a\.ts:1: no header/],
  ]
  for (const [rule, text, expected] of planted) {
    const problems = rule([source('src/wire/a.ts', text)])
    t.equal(problems.length, 1, text.slice(0, 60))
    t.match(problems[0], expected)
  }
  t.end()
})

t.test('the rules let pass what is right', (t) => {
  const lines = (count: number) => 'f()\n'.repeat(count)
  const right: [rule: (files: Source[]) => Problem[], text: string][] = [
    [bannedSyntax, "// any enum here\nconst anyone = 'as any'"],
    [bannedSyntax, 'class A { constructor(x: string) { this.x = x } }'],
    [onlyCalls, "const text = 't.only(x)'\nonly('x')"],
    [longLines, 'x'.repeat(LINE_COLUMNS_MAX)],
    [longFiles, lines(FILE_LINES_MAX)],
    [longFunctions, `/**\n * ${'\n'.repeat(80)} */\nfunction f() {\n${lines(FUNCTION_LINES_MAX - 2)}}`],
    [missingHeaders, '/** What it is for. */\nf()'],
    [missingHeaders, '#!/usr/bin/env node\n/** What it is for. */\nf()'],
  ]
  for (const [rule, text] of right) t.strictSame(rule([source('src/wire/a.ts', text)]), [], text.slice(0, 60))
  t.end()
})
