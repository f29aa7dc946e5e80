// What is used of Node's own modules. Spelt out, so that the published declarations need no types of Node.

export interface NodeSocket {
    readonly destroyed: boolean;
    write(text: string): boolean;
    end(text?: string): void;
    destroy(): void;
    resetAndDestroy(): void;
    once(event: 'close', listener: () => void): unknown;
}

export interface NodeRequest extends AsyncIterable<Uint8Array> {
    readonly method?: string;
    readonly url?: string;
    readonly headers: Readonly<Record<string, string | undefined>>;
    readonly socket: NodeSocket;
}

export interface NodeResponse {
    readonly destroyed: boolean;
    destroy(): void;
    writeHead(status: number, headers: Readonly<Record<string, string>>): this;
    write(chunk: Uint8Array): boolean;
    end(body?: string | Uint8Array): void;
    on(event: 'drain' | 'error', listener: () => void): unknown;
    once(event: 'close', listener: () => void): unknown;
    off(event: 'close', listener: () => void): unknown;
}

interface NodeServer {
    keepAliveTimeout: number;
    listen(port: number, host: string, listening: () => void): unknown;
    address(): { readonly port: number };
    close(closed: () => void): unknown;
    on(event: 'connection', listener: (socket: NodeSocket) => void): unknown;
    once(event: 'error', listener: (error: Error) => void): unknown;
    off(event: 'error', listener: (error: Error) => void): unknown;
}

export interface NodeHttp {
    createServer(
        options: { readonly maxHeaderSize: number },
        listener: (request: NodeRequest, response: NodeResponse) => void,
    ): NodeServer;
}

export interface NodeZlib {
    readonly gzipSync: (bytes: Uint8Array) => Uint8Array<ArrayBuffer>;
}

interface MaybeNode {
    readonly process?: { readonly getBuiltinModule?: (name: string) => unknown };
}

/**
 * Loads a module of the platform when it is needed, so that browsers can load the rest of this entry. `import()` is the
 * second choice: Jest refuses it to CommonJS. Its argument is no literal, because bundlers would look for that.
 */
export async function loadNodeModule<T>(name: 'node:http' | 'node:zlib'): Promise<T> {
    const builtin = (globalThis as MaybeNode).process?.getBuiltinModule?.(name);
    try {
        return (builtin ?? (await import(/* @vite-ignore */ /* webpackIgnore: true */ name))) as T;
    } catch (cause) {
        throw new Error(`createTestAuthorizationServer: there is no ${name} here; it needs Node.js, Deno or Bun`, {
            cause,
        });
    }
}
