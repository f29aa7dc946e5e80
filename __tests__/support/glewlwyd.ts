import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { closeAtOnce, listenOnLoopback } from '../../examples/servers/loopback.js';
import { configureGlewlwyd, logIn, type GlewlwydSettings } from './glewlwyd-settings.js';

export interface GlewlwydOptions {
    /** Seconds. @default 3600 */
    accessTokenLifetime?: number;
    /** Seconds. @default 1209600 */
    refreshTokenLifetime?: number;
    /** Seconds that a device is told to wait between two questions. @default 1 */
    deviceInterval?: number;
    /**
     * Set, every DPoP proof needs the nonce of its client, and that is replaced after so many uses, 2 or more.
     * @default proofs need no nonce
     */
    dpopNonceUses?: number;
}

export interface Glewlwyd extends GlewlwydSettings {
    /** Where the endpoints live: `http://127.0.0.1:PORT/api/oidc` for `/api/oidc/token`. */
    readonly url: string;
    /** The same; `/.well-known/openid-configuration` below it is the discovery document. */
    readonly issuer: string;
    readonly pid: number;
    /** The user logs in, grants the scopes that the device asked for, and enters its code. */
    approveDevice(userCode: string, options?: { clientId?: string; scope?: string }): Promise<void>;
    /** The process is gone when this resolves, and its directory too. */
    close(): Promise<void>;
}

const paths = {
    server: '/usr/bin/glewlwyd',
    modules: '/usr/lib/glewlwyd',
    // The copy below /usr/share/doc is left out of slim images.
    schema: '/usr/share/dbconfig-common/data/glewlwyd/install/sqlite3',
    sqlite: '/usr/bin/sqlite3',
    setpriv: '/usr/bin/setpriv',
};

/** glewlwydIsMissing says what keeps glewlwyd from being started; undefined when nothing does. */
export function glewlwydIsMissing(): string | undefined {
    const plugin = `${paths.modules}/plugin/libprotocol_oidc.so`;
    const { server, sqlite, setpriv, schema } = paths;
    const missing =
        [server, sqlite, setpriv].find((path) => !canAccess(path, constants.X_OK)) ??
        [schema, plugin].find((path) => !canAccess(path, constants.R_OK));
    return missing && `${missing} is missing, apt-get install glewlwyd brings it`;
}

/**
 * startGlewlwyd starts glewlwyd on a free port of loopback. It knows nothing but what is in a fresh directory, which
 * goes when it is closed.
 */
export async function startGlewlwyd(options: GlewlwydOptions = {}): Promise<Glewlwyd> {
    const missing = glewlwydIsMissing();
    if (missing) throw new Error(missing);
    const directory = await mkdtemp(join(tmpdir(), 'glewlwyd-'));
    const removeDirectory = (): Promise<void> => rm(directory, { recursive: true, force: true });
    let server: RunningServer | undefined;
    try {
        await createDatabase(directory);
        server = await startOnFreePort(directory);
        const { origin, pid, cookie, stop } = server;
        const settings = await configureGlewlwyd({ origin, cookie, ...options });
        return {
            ...settings,
            pid,
            url: settings.issuer,
            approveDevice: (userCode, device) => approveDevice(origin, settings, userCode, device),
            async close() {
                await stop();
                await removeDirectory();
            },
        };
    } catch (error) {
        await server?.stop();
        await removeDirectory();
        throw error;
    }
}

interface RunningServer {
    readonly origin: string;
    readonly pid: number;
    /** Of its administrator. */
    readonly cookie: string;
    readonly stop: () => Promise<void>;
}

function canAccess(path: string, mode: number): boolean {
    try {
        accessSync(path, mode);
        return true;
    } catch {
        return false;
    }
}

async function createDatabase(directory: string): Promise<void> {
    const commands = ['PRAGMA synchronous = OFF', 'BEGIN', `.read ${paths.schema}`, 'COMMIT'];
    const child = start(directory, paths.sqlite, ['-batch', '-bail', join(directory, 'database'), ...commands]);
    const output = collect(child);
    await ended(child);
    if (child.exitCode !== 0) throw new Error(`sqlite3 made no database: ${output()}`);
}

/** Another process may take the port before glewlwyd does: then it ends, and the next port is tried. */
async function startOnFreePort(directory: string): Promise<RunningServer> {
    let failure: unknown;
    for (let attempt = 0; attempt < 3; attempt += 1) {
        try {
            return await startOnPort(directory, await findFreePort());
        } catch (error) {
            failure = error;
        }
    }
    throw failure;
}

async function startOnPort(directory: string, port: number): Promise<RunningServer> {
    const origin = `http://127.0.0.1:${port}`;
    const sessionKey = `session-${randomUUID()}`;
    const configuration = join(directory, 'glewlwyd.conf');
    await writeFile(configuration, toConfiguration({ directory, port, origin, sessionKey }));
    // The kernel ends it with this process, should that be killed: no test would be left to close it.
    const child = start(directory, paths.setpriv, ['--pdeathsig', 'KILL', paths.server, '-c', configuration]);
    const output = collect(child);
    const stop = async (): Promise<void> => {
        child.kill('SIGKILL');
        await ended(child);
    };
    try {
        const deadline = Date.now() + 10_000;
        while (Date.now() < deadline) {
            if (isEnded(child) || child.pid === undefined) throw new Error(`glewlwyd did not start: ${output()}`);
            const cookie = await logIn(origin, { username: 'admin', password: 'password' }).catch(() => undefined);
            // A stranger that has the port does not know the session key of this one.
            if (cookie?.startsWith(`${sessionKey}=`)) return { origin, pid: child.pid, cookie, stop };
            await delay(10);
        }
        throw new Error(`glewlwyd does not answer: ${output()}`);
    } catch (error) {
        await stop();
        throw error;
    }
}

function toConfiguration(server: { directory: string; port: number; origin: string; sessionKey: string }): string {
    return `
        port = ${server.port}
        bind_address = "127.0.0.1"
        external_url = "${server.origin}"
        session_key = "${server.sessionKey}"
        log_mode = "console"
        log_level = "WARNING"
        user_module_path = "${paths.modules}/user"
        client_module_path = "${paths.modules}/client"
        user_auth_scheme_module_path = "${paths.modules}/scheme"
        plugin_module_path = "${paths.modules}/plugin"
        hash_algorithm = "SHA512"
        database = { type = "sqlite3"; path = "${join(server.directory, 'database')}" };
    `;
}

async function findFreePort(): Promise<number> {
    const server = createServer();
    const port = await listenOnLoopback(server);
    await closeAtOnce(server);
    return port;
}

/** Neither settings of the user who runs it nor a variable of the environment reach the process. */
function start(directory: string, program: string, parameters: string[]): ChildProcess {
    const env = { PATH: '/usr/bin:/bin', HOME: directory, TMPDIR: directory };
    const child = spawn(program, parameters, { cwd: directory, env, stdio: ['ignore', 'pipe', 'pipe'] });
    child.on('error', () => undefined);
    return child;
}

/** Reads what a process says, so that it never waits for a reader, and keeps the end of it. */
function collect(child: ChildProcess): () => string {
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
        stream?.on('data', (chunk: Buffer) => (output = (output + chunk.toString()).slice(-2_000)));
    }
    return () => output.trim();
}

function isEnded(child: ChildProcess): boolean {
    return child.exitCode !== null || child.signalCode !== null;
}

async function ended(child: ChildProcess): Promise<void> {
    if (child.pid !== undefined && !isEnded(child)) await once(child, 'exit');
}

async function approveDevice(
    origin: string,
    { issuer, user, client, scope: everything }: GlewlwydSettings,
    userCode: string,
    { clientId = client.id, scope = everything }: { clientId?: string; scope?: string } = {},
): Promise<void> {
    const cookie = await logIn(origin, user);
    const granted = await fetch(`${origin}/api/auth/grant/${clientId}`, {
        method: 'PUT',
        headers: { cookie, 'content-type': 'application/json' },
        body: JSON.stringify({ scope }),
    });
    if (!granted.ok) throw new Error(`the scopes were not granted: ${granted.status}`);
    const entered = await fetch(`${issuer}/device?code=${encodeURIComponent(userCode)}&g_continue`, {
        headers: { cookie },
        redirect: 'manual',
    });
    const location = entered.headers.get('location') ?? '';
    if (!location.includes('prompt=deviceComplete')) throw new Error(`the code was not taken: ${location}`);
}
