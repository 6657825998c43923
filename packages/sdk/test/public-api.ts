/** What the package's types export, as a compiler reads them. */
import path from 'node:path'
import ts from 'typescript'

export interface PublicName {
  /** `openLink`, `Halfkey.createSecret`, `CreateOptions.hours`. */
  name: string
  documentation: string
  /** Names of the JSDoc tags. */
  tags: string[]
  /** undefined: not something to call. */
  call?: { isAsync: boolean; takesSignal: boolean }
}

const ASYNC = new Set(['Promise', 'AsyncGenerator', 'ReadableStream'])

/** Every name that src/index.ts exports, and every public member of those that have any. */
export function publicNames(): PublicName[] {
  const entry = path.join(import.meta.dirname, '../src/index.ts')
  const { config } = ts.readConfigFile(path.join(import.meta.dirname, '../../../tsconfig.base.json'), (name) =>
    ts.sys.readFile(name),
  ) as { config: { compilerOptions: object } }
  const lib = ['lib.es2023.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts']
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, path.dirname(entry))
  const program = ts.createProgram([entry], { ...options, lib, types: ['node'] })
  const checker = program.getTypeChecker()
  const source = program.getSourceFile(entry)
  const module = source && checker.getSymbolAtLocation(source)
  if (!module) throw new Error('src/index.ts exports nothing.')

  const callOf = (symbol: ts.Symbol): PublicName['call'] => {
    const declaration = symbol.valueDeclaration
    if (!declaration || !(symbol.flags & (ts.SymbolFlags.Method | ts.SymbolFlags.Function))) return undefined
    const [signature] = checker.getTypeOfSymbolAtLocation(symbol, declaration).getCallSignatures()
    if (!signature) return undefined
    const returned = signature.getReturnType().getSymbol()?.name ?? ''
    const parameters = signature.getParameters().map((one) => checker.getTypeOfSymbolAtLocation(one, declaration))
    const takesSignal = parameters.some((type) => checker.getNonNullableType(type).getProperty('signal'))
    return { isAsync: ASYNC.has(returned), takesSignal }
  }
  const describe = (name: string, symbol: ts.Symbol): PublicName => {
    const call = callOf(symbol)
    return {
      name,
      documentation: ts.displayPartsToString(symbol.getDocumentationComment(checker)),
      tags: symbol.getJsDocTags(checker).map((tag) => tag.name),
      ...(call && { call }),
    }
  }
  return checker.getExportsOfModule(module).flatMap((exported) => {
    const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported
    const members = [...(symbol.members?.values() ?? [])].filter(
      ({ name, flags }) => !/^(__|#)/.test(name) && !(flags & ts.SymbolFlags.TypeParameter),
    )
    return [
      describe(exported.name, symbol),
      ...members.map((member) => describe(`${exported.name}.${member.name}`, member)),
    ]
  })
}
