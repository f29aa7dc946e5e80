import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const root = resolve(__dirname, '..');
const entry = pathToFileURL(resolve(root, 'src/index.ts')).href;

/** Runs a script in a process of its own; returns what it prints, and how it ends. */
async function run(script: string): Promise<{ code: unknown; signal: unknown; printed: unknown }> {
    const code = `
        import { createTokenSource } from ${JSON.stringify(entry)};
        let since = 0;
        const done = (facts) => {
            since = performance.now();
            process.on('exit', () => console.log(JSON.stringify({ ...facts, lingered: performance.now() - since })));
        };
        ${script}`;
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', code], {
        cwd: root,
        timeout: 15_000,
        stdio: ['ignore', 'pipe', 'inherit'],
    });
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
    const [exitCode, signal] = (await once(child, 'close')) as [number | null, string | null];
    return { code: exitCode, signal, printed: text === '' ? undefined : JSON.parse(text) };
}

const expectPrompt = (lingered: unknown): void => expect(lingered).toBeLessThan(1_000);

describe('an idle source lets the process exit', () => {
    it('after a token was created, however long that lives', async () => {
        const { code, signal, printed } = await run(`
            const grant = { access_token: 'a', token_type: 'Bearer', expires_in: 30 * 24 * 3600 };
            const source = createTokenSource(async () => grant);
            done({ value: (await source.getToken()).value });`);
        expect({ code, signal }).toEqual({ code: 0, signal: null });
        expect(printed).toMatchObject({ value: 'a' });
        expectPrompt((printed as { lingered: unknown }).lingered);
    });

    it('after a creation failed, and after clear', async () => {
        const { code, signal, printed } = await run(`
            const failing = createTokenSource(async () => { throw new Error('down'); });
            const failure = await failing.getToken().catch((error) => error.message);
            const waiting = createTokenSource(() => new Promise(() => {}));
            const ended = waiting.getToken().catch((error) => error.code);
            waiting.clear();
            done({ failure, ended: await ended });`);
        expect({ code, signal }).toEqual({ code: 0, signal: null });
        expect(printed).toMatchObject({ failure: 'down', ended: 'cleared' });
        expectPrompt((printed as { lingered: unknown }).lingered);
    });
});
