import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

const root = join(__dirname, '../..');
const main = join(root, 'docs-examples.ts');

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

/** What the compiler says of a program that exists in memory alone. */
function diagnose(program: string): string[] {
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
    host.getSourceFile = (name, ...rest) =>
        name === main ? ts.createSourceFile(name, program, ts.ScriptTarget.ES2022) : getSourceFile(name, ...rest);
    const compiled = ts.createProgram([main], options, host);
    return ts.getPreEmitDiagnostics(compiled).map(({ messageText, start = 0, file }) => {
        const line = file ? `${file.text.slice(start).split('\n')[0]}: ` : '';
        return line + ts.flattenDiagnosticMessageText(messageText, '\n');
    });
}

const examples = (document: string): string =>
    [...readFileSync(join(root, document), 'utf8').matchAll(/```ts\n([^]*?)```/g)].map(([, code]) => code).join('\n');

describe('the examples of the documentation', () => {
    test.each(Object.entries(readers))(
        'of %s compile, one after the other',
        (document, reader) => {
            expect(diagnose(examples(document) + reader)).toEqual([]);
        },
        60_000,
    );

    test('would not, if they called something that is not there', () => {
        const document = 'docs/oauth.md';
        expect(diagnose(`${examples(document)}${readers[document]}\ndiscover(42);`)).toEqual([
            expect.stringContaining("Argument of type 'number'"),
        ]);
    }, 180_000);
});
