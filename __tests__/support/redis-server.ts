import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { closeAtOnce, listenOnLoopback } from '../../examples/servers/loopback.js';

const executable = process.env['REDIS_SERVER_PATH'] ?? '/usr/bin/redis-server';
const setpriv = '/usr/bin/setpriv';

export interface RedisServerOptions {
    /** Whether it still knows after a stop what it was told before. @default false */
    isDurable?: boolean;
    /** Whether it is a cluster, of this node alone. @default false */
    isCluster?: boolean;
    /** More of its command line: `['--maxmemory', '1mb']`. */
    parameters?: readonly string[];
}

export interface RedisServer {
    readonly port: number;
    /** `redis://127.0.0.1:PORT` */
    readonly url: string;
    /** Of the process that runs now. */
    readonly pid: number;
    /** The process is gone when this resolves. */
    stop(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void>;
    /** Starts it again, on the same port. */
    start(): Promise<void>;
    /** From now on it accepts connections and answers nobody. */
    pause(): void;
    resume(): void;
    /** The process is gone when this resolves, and its directory too. */
    close(): Promise<void>;
}

/** redisServerIsMissing says what keeps Redis from being started; undefined when nothing does. */
export function redisServerIsMissing(): string | undefined {
    if (canExecute(executable)) return undefined;
    return `${executable} is missing, apt-get install redis-server brings it, REDIS_SERVER_PATH names another one`;
}

/** startRedisServer starts Redis on a free port of loopback; what it writes goes to a fresh directory. */
export async function startRedisServer(options: RedisServerOptions = {}): Promise<RedisServer> {
    const directory = await mkdtemp(join(tmpdir(), 'redis-'));
    const removeDirectory = (): Promise<void> =>
        rm(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
    let running: ChildProcess;
    let port = 0;
    const run = async (): Promise<void> => void (running = await startOnPort(directory, port, options));
    const stop = async (signal: NodeJS.Signals = 'SIGTERM'): Promise<void> => {
        running.kill(signal);
        running.kill('SIGCONT'); // one that is paused would not hear of it
        await ended(running);
    };
    try {
        ({ port, child: running } = await startOnFreePort(directory, options));
    } catch (error) {
        await removeDirectory();
        throw error;
    }
    return {
        port,
        url: `redis://127.0.0.1:${port}`,
        get pid() {
            return pidOf(running);
        },
        stop,
        start: run,
        pause: () => void running.kill('SIGSTOP'),
        resume: () => void running.kill('SIGCONT'),
        async close() {
            await stop('SIGKILL');
            await removeDirectory();
        },
    };
}

/** Another process may take the port before Redis does: then it ends, and the next port is tried. */
async function startOnFreePort(directory: string, options: RedisServerOptions) {
    let failure: unknown;
    for (let attempt = 0; attempt < 3; attempt += 1) {
        const port = await findFreePort();
        try {
            return { port, child: await startOnPort(directory, port, options) };
        } catch (error) {
            failure = error;
        }
    }
    throw failure;
}

async function startOnPort(directory: string, port: number, options: RedisServerOptions): Promise<ChildProcess> {
    const { isDurable = false, isCluster = false, parameters = [] } = options;
    const command = [executable, '--bind', '127.0.0.1', '--port', String(port), '--dir', directory, '--save', ''];
    if (isDurable) command.push('--appendonly', 'yes', '--appendfsync', 'always');
    if (isCluster) {
        command.push('--cluster-enabled', 'yes', '--cluster-port', String(await findFreePort()));
        command.push('--cluster-announce-ip', '127.0.0.1'); // it knows none of itself before it meets another one
    }
    command.push(...parameters);
    // The kernel ends it with this process, should that be killed: no test would be left to close it.
    if (canExecute(setpriv)) command.unshift(setpriv, '--pdeathsig', 'KILL');
    const [program = '', ...rest] = command;
    const env = { PATH: '/usr/bin:/bin', HOME: directory, TMPDIR: directory };
    const child = spawn(program, rest, { cwd: directory, env, stdio: ['ignore', 'pipe', 'pipe'] });
    child.on('error', () => undefined);
    const output = collect(child);
    const deadline = Date.now() + 10_000;
    while (Date.now() < deadline) {
        if (isEnded(child) || child.pid === undefined) throw new Error(`Redis did not start: ${output()}`);
        const answered = await ask(port, 'INFO server').catch(() => '');
        // A stranger that has the port is another process.
        const isOurs = answered.includes(`process_id:${child.pid}\r`);
        if (isOurs && (!isCluster || (await isClusterReady(port)))) return child;
        await delay(10);
    }
    child.kill('SIGKILL');
    throw new Error(`Redis does not answer: ${output()}`);
}

/** It serves nothing before it has all slots. */
async function isClusterReady(port: number): Promise<boolean> {
    await ask(port, 'CLUSTER ADDSLOTSRANGE 0 16383');
    return (await ask(port, 'CLUSTER INFO')).includes('cluster_state:ok');
}

/** What Redis answers to one command. */
function ask(port: number, command: string): Promise<string> {
    return new Promise((resolve, reject) => {
        let answered = '';
        const socket = connect({ port, host: '127.0.0.1', timeout: 1_000 });
        socket.on('error', reject).on('timeout', () => socket.destroy());
        socket.on('data', (chunk: Buffer) => (answered += chunk.toString())).on('close', () => resolve(answered));
        socket.write(`${command}\r\nQUIT\r\n`);
    });
}

async function findFreePort(): Promise<number> {
    const server = createServer();
    const port = await listenOnLoopback(server);
    await closeAtOnce(server);
    return port;
}

/** Reads what a process says, so that it never waits for a reader, and keeps the end of it. */
function collect(child: ChildProcess): () => string {
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
        stream?.on('data', (chunk: Buffer) => (output = (output + chunk.toString()).slice(-2_000)));
    }
    return () => output.trim();
}

function canExecute(path: string): boolean {
    try {
        accessSync(path, constants.X_OK);
        return true;
    } catch {
        return false;
    }
}

function pidOf({ pid }: ChildProcess): number {
    if (pid === undefined) throw new Error('Redis was never started');
    return pid;
}

function isEnded(child: ChildProcess): boolean {
    return child.exitCode !== null || child.signalCode !== null;
}

async function ended(child: ChildProcess): Promise<void> {
    if (child.pid !== undefined && !isEnded(child)) await once(child, 'exit');
}
