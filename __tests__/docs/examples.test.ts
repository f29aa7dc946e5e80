import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

const root = join(__dirname, '../..');

/** What the examples take from the reader's own program. */
const readers: Record<string, string> = {
    'docs/oauth.md': `
        declare function tokenOfUser(key: string | undefined): Promise<string>;
        declare function renewSession(refreshToken: string): ReturnType<TokenCreator>;
        declare function logInAgain(acr?: string, maxAge?: string): ReturnType<TokenCreator>;`,
    'docs/sharing.md': `
        declare const api: import('axios').AxiosInstance;
        declare const client: { baseURL: string };
        declare const id: string, secret: string, refreshToken: string;
        declare const custom: TokenCreator;
        declare function renew(refreshToken: string): ReturnType<TokenCreator>;
        declare function logIn(): ReturnType<TokenCreator>;`,
    'docs/neighbours.md': `
        declare const api: AxiosInstance, clientOfUser: AxiosInstance, clientOfAll: AxiosInstance;
        declare const creator: import('axios-token-creator').TokenCreator;
        declare const user: string, baseURL: string;
        declare const shared: import('axios-cache-interceptor').AxiosStorage;
        declare class DefaultApi {
            constructor(configuration?: object, basePath?: string, axios?: AxiosInstance);
        }`,
    'docs/stores.md': '',
};

const entries = {
    index: '',
    dpop: '/dpop',
    jwt: '/jwt',
    redis: '/redis',
    shared: '/shared',
    tabs: '/tabs',
    testing: '/testing',
};
const paths = Object.fromEntries(
    Object.entries(entries).map(([entry, path]) => [
        `axios-token-creator${path}`,
        [join(root, 'src', entry === 'index' ? 'index.ts' : `${entry}/index.ts`)],
    ]),
);

/**
 * What the compiler says of modules that exist in memory alone, and of what they import: all of them are one program, for
 * most of its time goes into that.
 */
function diagnose(modules: Readonly<Record<string, string>>): (name: string) => string[] {
    const options: ts.CompilerOptions = {
        target: ts.ScriptTarget.ES2022,
        module: ts.ModuleKind.ESNext,
        moduleResolution: ts.ModuleResolutionKind.Bundler,
        lib: ['lib.es2022.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
        types: ['node'],
        typeRoots: [join(root, 'node_modules/@types')],
        strict: true,
        skipLibCheck: true,
        noEmit: true,
        paths,
    };
    const host = ts.createCompilerHost(options);
    const getSourceFile = host.getSourceFile.bind(host);
    // What is a module has no names in common with the others.
    const pathOf = (name: string): string => join(root, `${name.replaceAll(/\W/g, '-')}.ts`);
    const sources = new Map(Object.entries(modules).map(([name, code]) => [pathOf(name), `${code}\nexport {};`]));
    host.getSourceFile = (path, ...rest) => {
        const code = sources.get(path);
        if (code === undefined) return getSourceFile(path, ...rest);
        return ts.createSourceFile(path, code, ts.ScriptTarget.ES2022);
    };
    const said = ts.getPreEmitDiagnostics(ts.createProgram([...sources.keys()], options, host));
    return (name) => {
        const isOfOther = (file?: ts.SourceFile): boolean =>
            file !== undefined && sources.has(file.fileName) && file.fileName !== pathOf(name);
        return said.filter(({ file }) => !isOfOther(file)).map(told);
    };
}

function told({ messageText, start = 0, file }: ts.Diagnostic): string {
    const line = file ? `${file.text.slice(start).split('\n')[0]}: ` : '';
    return line + ts.flattenDiagnosticMessageText(messageText, '\n');
}

const examples = (document: string): string =>
    [...readFileSync(join(root, document), 'utf8').matchAll(/```ts\n([^]*?)```/g)].map(([, code]) => code).join('\n');

const modules = Object.fromEntries(
    Object.entries(readers).map(([document, reader]) => [document, examples(document) + reader]),
);

describe('the examples of the documentation', () => {
    let said: (name: string) => string[];

    beforeAll(() => {
        said = diagnose({ ...modules, wrong: `${modules['docs/oauth.md']}\ndiscover(42);` });
    }, 180_000);

    test.each(Object.keys(readers))('of %s compile, one after the other', (document) => {
        expect(said(document)).toEqual([]);
    });

    test('would not, if they called something that is not there', () => {
        expect(said('wrong')).toEqual([expect.stringContaining("Argument of type 'number'")]);
    });
});
