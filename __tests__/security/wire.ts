import { Agent, createServer, type IncomingHttpHeaders } from 'node:http';
import { connect, type Socket } from 'node:net';
import { closeAtOnce, listenOnLoopback } from '../../examples/servers/loopback.js';

/** What arrived, and at whose door: the origin that the connection was opened for. */
export interface Arrival {
    readonly origin: string;
    readonly headers: IncomingHttpHeaders;
}

interface Destination {
    readonly protocol?: string | null;
    readonly hostname?: string;
    readonly host?: string | null;
    readonly port?: number | string | null;
}

/**
 * Every server of the world: whatever name, address, port and scheme a request is for, it arrives here, over a real
 * socket. What counts is where the connection was opened to; no URL is read.
 */
export interface Wire {
    readonly arrivals: Arrival[];
    /** Options of axios that lead its adapters here. */
    readonly config: Readonly<Record<'http' | 'fetch', object>>;
    close(): Promise<void>;
}

type Connected = (error: null, socket: Socket) => void;
type DispatcherConstructor = new (options: {
    connect: (to: Destination, done: Connected) => void;
}) => {
    destroy(): Promise<void>;
};

const DISPATCHER = Symbol.for('undici.globalDispatcher.1');

/** The class of dispatchers that Node's own fetch uses, which no module of Node exports. */
function dispatcherClass(): DispatcherConstructor {
    // Tests run in a context of their own; fetch belongs to that of the process.
    const giveGlobal = Reflect.construct(fetch.constructor, ['return globalThis']) as () => Record<symbol, object>;
    const outer = giveGlobal();
    return (outer[DISPATCHER] as { constructor: unknown }).constructor as DispatcherConstructor;
}

export async function openWire(): Promise<Wire> {
    const arrivals: Arrival[] = [];
    const origins = new Map<number, string>();
    const server = createServer(({ socket, headers }, response) => {
        arrivals.push({ origin: origins.get(socket.remotePort ?? 0) ?? 'unknown', headers });
        response.writeHead(200, { connection: 'close' }).end('ok');
    });
    const port = await listenOnLoopback(server);

    function open(scheme: string, { hostname, host, port: at }: Destination): Socket {
        const name = hostname ?? host ?? '';
        const isDefault = !at || Number(at) === (scheme === 'https' ? 443 : 80);
        const socket = connect(port, '127.0.0.1');
        // Encrypted or not, the answer comes from here: what is read is what would have been read behind TLS.
        socket.once('connect', () => {
            origins.set(socket.localPort ?? 0, `${scheme}://${name}${isDefault ? '' : `:${Number(at)}`}`);
        });
        return socket;
    }

    function agentOf(scheme: string): Agent {
        const agent = new Agent() as Agent & {
            protocol: string;
            createConnection: unknown;
        };
        agent.protocol = `${scheme}:`;
        agent.createConnection = (to: Destination) => open(scheme, to);
        return agent;
    }

    await fetch(`http://127.0.0.1:${port}`); // the first one makes the dispatcher
    arrivals.length = 0;
    const dispatcher = new (dispatcherClass())({
        connect(to, done) {
            const socket = open(to.protocol === 'https:' ? 'https' : 'http', to);
            socket.once('connect', () => done(null, socket));
        },
    });
    return {
        arrivals,
        config: {
            http: { httpAgent: agentOf('http'), httpsAgent: agentOf('https'), proxy: false },
            fetch: { fetchOptions: { dispatcher } },
        },
        async close() {
            await dispatcher.destroy();
            await closeAtOnce(server);
        },
    };
}
