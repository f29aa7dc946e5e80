/** A connected client, or cluster, of the package `redis`, from version 4 on. */
export interface NodeRedisClient {
    eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
    duplicate(): NodeRedisSubscriber;
}

/** What is used of the connection that is opened to wait for changes. */
export interface NodeRedisSubscriber {
    on(event: 'error', listener: (error: unknown) => void): unknown;
    connect(): Promise<unknown>;
    subscribe(channel: string, listener: (message: unknown, channel: unknown) => void): Promise<unknown>;
    unsubscribe(channel: string, listener: (message: unknown, channel: unknown) => void): Promise<unknown>;
    destroy?(): unknown;
    disconnect?(): unknown;
}

/** A client, or cluster, of the package `ioredis`. */
export interface IoredisClient {
    eval(script: string, numberOfKeys: number, ...args: string[]): Promise<unknown>;
    call(command: string, ...args: string[]): Promise<unknown>;
    duplicate(): IoredisSubscriber;
}

/** What is used of the connection that is opened to wait for changes. */
export interface IoredisSubscriber {
    on(event: string, listener: (...args: string[]) => void): unknown;
    subscribe(channel: string): Promise<unknown>;
    unsubscribe(channel: string): Promise<unknown>;
    disconnect(): unknown;
}

export type RedisClient = NodeRedisClient | IoredisClient;

/** A connection that hears of messages. */
export interface Subscriber {
    /** Resolves when it is open. */
    readonly opened: Promise<unknown>;
    subscribe(channel: string): Promise<unknown>;
    unsubscribe(channel: string): Promise<unknown>;
    close(): void;
}

/** What the store asks of a client, whichever it is. */
export interface Connection {
    run(script: string, keys: string[], args: string[]): Promise<unknown>;
    /** @param tell - is called with the channel of each message */
    readonly openSubscriber: (tell: (channel: string) => void) => Subscriber;
}

export function connectionOf(client: RedisClient): Connection {
    return 'call' in client ? connectionOfIoredis(client) : connectionOfNodeRedis(client);
}

function connectionOfNodeRedis(client: NodeRedisClient): Connection {
    return {
        run: (script, keys, args) => client.eval(script, { keys, arguments: args }),
        openSubscriber(tell) {
            const subscriber = client.duplicate();
            subscriber.on('error', () => {}); // it connects again by itself; unheard, an error would end the process
            // One and the same: the client counts listeners, and forgets a channel with its last one alone.
            const listener = (_message: unknown, channel: unknown): void => tell(String(channel));
            return {
                opened: subscriber.connect(),
                subscribe: (channel) => subscriber.subscribe(channel, listener),
                unsubscribe: (channel) => subscriber.unsubscribe(channel, listener),
                close: () => void (subscriber.destroy ? subscriber.destroy() : subscriber.disconnect?.()),
            };
        },
    };
}

function connectionOfIoredis(client: IoredisClient): Connection {
    return {
        run: (script, keys, args) => client.eval(script, keys.length, ...keys, ...args),
        openSubscriber(tell) {
            const subscriber = client.duplicate();
            subscriber.on('error', () => {});
            subscriber.on('message', tell);
            return {
                opened: Promise.resolve(), // what is asked of it meanwhile, it does then
                subscribe: (channel) => subscriber.subscribe(channel),
                unsubscribe: (channel) => subscriber.unsubscribe(channel),
                close: () => void subscriber.disconnect(),
            };
        },
    };
}
