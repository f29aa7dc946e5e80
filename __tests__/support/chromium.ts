import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { build } from 'esbuild';
import { chromium, type Browser, type BrowserContext, type ConnectOverCDPOptions } from 'playwright-core';

const executable = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';
const setpriv = '/usr/bin/setpriv';

const parameters = [
    '--headless=new',
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--disable-dev-shm-usage',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--remote-debugging-port=0',
    'about:blank',
];

export interface Chromium {
    readonly pid: number;
    /** With a fresh profile that is kept until it is closed. */
    readonly context: BrowserContext;
    /** The process is gone when this resolves, and its profile too. */
    close(): Promise<void>;
}

/** chromiumIsMissing says what keeps Chromium from being started; undefined when nothing does. */
export function chromiumIsMissing(): string | undefined {
    if (canExecute(executable)) return undefined;
    return `${executable} is missing, apt-get install chromium brings it, CHROMIUM_PATH names another one`;
}

/** A suite that is skipped where Chromium is missing, and says so. */
export function describeWithChromium(name: string, suite: () => void): void {
    const missing = chromiumIsMissing();
    // The reporters of jest do not name files in which everything is skipped.
    if (missing) process.stderr.write(`SKIPPED ${name}: ${missing}\n`);
    const declare = missing ? describe.skip : describe;
    declare(missing ? `${name} (skipped: ${missing})` : name, suite);
}

/** startChromium starts a browser of its own, with a profile in a fresh directory. */
export async function startChromium(options: ConnectOverCDPOptions = {}): Promise<Chromium> {
    const directory = await mkdtemp(join(tmpdir(), 'chromium-'));
    const child = start(directory);
    const { pid } = child;
    const stop = async (): Promise<void> => {
        child.kill('SIGKILL'); // its own processes end with it
        if (pid !== undefined && !isEnded(child)) await once(child, 'exit');
        await rm(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
    };
    let browser: Browser | undefined;
    try {
        const endpoint = await endpointOf(child, directory);
        browser = await chromium.connectOverCDP(endpoint, options);
        const [context] = browser.contexts();
        if (!context || pid === undefined) throw new Error('Chromium has no window');
        const connected = browser;
        return {
            pid,
            context,
            async close() {
                await connected.close().catch(() => undefined);
                await stop();
            },
        };
    } catch (error) {
        await browser?.close().catch(() => undefined);
        await stop();
        throw error;
    }
}

/** Bundles a module of the tests for a page, `src` and all. */
export async function bundleForPage(path: string): Promise<string> {
    const { outputFiles } = await build({
        entryPoints: [path],
        bundle: true,
        write: false,
        format: 'iife',
        platform: 'browser',
        target: 'es2022',
    });
    return outputFiles[0]?.text ?? '';
}

function start(directory: string): ChildProcess {
    const command = [executable, `--user-data-dir=${directory}`, ...parameters];
    // The kernel ends it with this process, should that be killed: no test would be left to close it.
    if (canExecute(setpriv)) command.unshift(setpriv, '--pdeathsig', 'KILL');
    const [program = '', ...rest] = command;
    // What it writes besides its profile goes there as well.
    const env = { PATH: '/usr/bin:/bin', HOME: directory, TMPDIR: directory };
    const child = spawn(program, rest, { env, stdio: 'ignore' });
    child.on('error', () => undefined);
    return child;
}

/** It writes down which port it was given. */
async function endpointOf(child: ChildProcess, directory: string): Promise<string> {
    const deadline = Date.now() + 15_000;
    while (Date.now() < deadline) {
        if (isEnded(child) || child.pid === undefined) throw new Error(`${executable} did not start`);
        const written = await readFile(join(directory, 'DevToolsActivePort'), 'utf8').catch(() => '');
        const [port, path] = written.split('\n');
        if (port && path) return `ws://127.0.0.1:${port}${path}`;
        await delay(10);
    }
    throw new Error(`${executable} does not answer`);
}

function canExecute(path: string): boolean {
    try {
        accessSync(path, constants.X_OK);
        return true;
    } catch {
        return false;
    }
}

function isEnded(child: ChildProcess): boolean {
    return child.exitCode !== null || child.signalCode !== null;
}
