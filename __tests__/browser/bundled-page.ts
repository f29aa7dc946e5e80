/** What runs in the bundled page, and in a worker of it; the tests call it by `callHere` and `callWorker`. */
import axios, { type AxiosInstance, type AxiosProgressEvent, type AxiosRequestConfig, isAxiosError } from 'axios';
import { attachTokenCreator, createUserTokenCreator, type TokenAttachment } from '../../src/index.js';

export interface PageSettings {
    readonly adapter: string;
    readonly tokenUrl: string;
    readonly baseURL?: string;
}

/** A request in a form that gets into the page. */
interface Wanted extends Pick<AxiosRequestConfig, 'url' | 'method' | 'timeout' | 'withCredentials'> {
    readonly body?: keyof typeof bodies;
    /** Whether upload and download progress are noted. */
    readonly notesProgress?: boolean;
}

type Progress = Pick<AxiosProgressEvent, 'loaded' | 'total' | 'bytes'>;

/** What came of a request, in a form that gets out of the page. */
interface Outcome {
    readonly status?: number;
    readonly data?: unknown;
    readonly error?: { readonly code?: string | undefined; readonly message: string };
    readonly uploaded: readonly Progress[];
    readonly downloaded: readonly Progress[];
    /** Whether what is logged of the answer, or of the error, holds a token. */
    readonly showsToken: boolean;
}

/** 0, 1, … 255, 0 and so on. */
function bytes(length: number): Uint8Array<ArrayBuffer> {
    return Uint8Array.from({ length }, (_, index) => index);
}

function form(): FormData {
    const fields = new FormData();
    fields.append('text', 'ünï\r\ncode');
    fields.append('twice', '1');
    fields.append('twice', '2');
    fields.append('file', new File([bytes(1_000)], 'a "b".bin', { type: 'application/x-test' }));
    return fields;
}

const bodies = {
    form,
    blob: () => new Blob([bytes(1_000)], { type: 'application/x-test' }),
    buffer: () => bytes(1_000).buffer,
    view: () => bytes(1_000),
    parameters: () => new URLSearchParams({ a: '1 & 2', b: 'ü' }),
    json: () => ({ text: 'ü' }),
    large: () => new Blob([bytes(3_000_000)]),
    stream: () => new Blob([bytes(1_000)]).stream(),
};

let api: AxiosInstance;
let attachment: TokenAttachment;
const started = new Map<string, { outcome: Promise<Outcome>; controller: AbortController }>();
const unhandled: string[] = [];

globalThis.addEventListener('unhandledrejection', ({ reason }) => void unhandled.push(String(reason)));

/** Every string that a logger comes across. */
function visibleStrings(value: unknown, seen = new Set<unknown>()): string[] {
    if (typeof value === 'string') return [value];
    if (typeof value !== 'object' || value === null || seen.has(value)) return [];
    seen.add(value);
    const { message, stack, cause } = value as Error;
    const entries: unknown[] = Object.entries(value).flat();
    return [message, stack, cause, ...entries].flatMap((each) => visibleStrings(each, seen));
}

function showsToken(value: unknown): boolean {
    const json = isAxiosError(value) ? JSON.stringify([value, value.toJSON()]) : '';
    return [json, String(value), ...visibleStrings(value)].some((text) => /token-\d/.test(text));
}

function send({ body, notesProgress, ...config }: Wanted, signal: AbortSignal): Promise<Outcome> {
    const [uploaded, downloaded]: [Progress[], Progress[]] = [[], []];
    const noteIn =
        (events: Progress[]) =>
        ({ loaded, total, bytes: more }: AxiosProgressEvent): void =>
            void events.push({ loaded, total, bytes: more });
    const listeners = { onUploadProgress: noteIn(uploaded), onDownloadProgress: noteIn(downloaded) };
    const method = config.method ?? (body ? 'post' : 'get');
    const request = { ...config, method, data: body && bodies[body](), signal, ...(notesProgress && listeners) };
    return api.request<unknown>(request).then(
        (response) => ({
            status: response.status,
            data: response.data,
            uploaded,
            downloaded,
            showsToken: showsToken(response),
        }),
        (error: unknown) => {
            const { message, code, response } = error as Error & { code?: string; response?: { status: number } };
            return {
                ...(response && { status: response.status }),
                error: { code, message },
                uploaded,
                downloaded,
                showsToken: showsToken(error),
            };
        },
    );
}

const page = {
    begin({ adapter, tokenUrl, baseURL }: PageSettings): void {
        api = axios.create({ adapter, ...(baseURL !== undefined && { baseURL }) });
        const user = { name: 'admin', password: 'start123' };
        attachment = attachTokenCreator(api, createUserTokenCreator(user, { client: { baseURL: tokenUrl, adapter } }));
    },

    /** Gets the first token. */
    prepare: async () => void (await attachment.source.getToken()),

    request: (wanted: Wanted): Promise<Outcome> => send(wanted, new AbortController().signal),

    requestMany: (count: number): Promise<Outcome[]> =>
        Promise.all(Array.from({ length: count }, (_, index) => page.request({ url: `/items/${index}` }))),

    /** Begins a request and does not wait for it. */
    start(id: string, wanted: Wanted): void {
        const controller = new AbortController();
        started.set(id, { controller, outcome: send(wanted, controller.signal) });
    },

    abort: (id: string): void => started.get(id)?.controller.abort(),

    outcome: async (id: string): Promise<Outcome | undefined> => started.get(id)?.outcome,

    /** What axios without this package says. */
    requestPlainly: (url: string): Promise<string> =>
        axios.get(url).then(
            () => 'fulfilled',
            (error: Error) => error.message,
        ),

    /** Since it was asked last. */
    unhandled: (): string[] => unhandled.splice(0),
};

export type Page = typeof page;

type Functions = Readonly<Record<string, (...args: readonly unknown[]) => unknown>>;

const callHere = async (name: string, args: readonly unknown[]): Promise<unknown> =>
    (page as unknown as Functions)[name]?.(...args);

let worker: Worker | undefined;

/** The module that is bundled says how a worker is started, as bundlers look for that. */
function callWorker(name: string, args: readonly unknown[]): Promise<unknown> {
    worker ??= (globalThis as unknown as { startWorker(): Worker }).startWorker();
    const { port1, port2 } = new MessageChannel();
    worker.postMessage({ name, args }, [port2]);
    return new Promise((resolve, reject) => {
        port1.addEventListener('message', ({ data }: MessageEvent<{ value?: unknown; error?: string }>) => {
            if (data.error === undefined) resolve(data.value);
            else reject(new Error(data.error));
            port1.close();
        });
        port1.start();
        worker?.addEventListener('error', ({ message }) => reject(new Error(`worker: ${message}`)));
    });
}

function answerPage({ data: { name, args }, ports: [port] }: MessageEvent<{ name: string; args: unknown[] }>): void {
    callHere(name, args).then(
        (value) => port?.postMessage({ value }),
        (error: unknown) => port?.postMessage({ error: String(error) }),
    );
}

if ('document' in globalThis) Object.assign(globalThis, { callHere, callWorker });
else globalThis.addEventListener('message', answerPage);
