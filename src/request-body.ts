/** What has to change on a config for its body to be sent again. */
export interface BodyChanges {
    readonly data?: unknown;
    readonly headers?: Readonly<Record<string, string>>;
}

/** The parts of npm's `form-data` that tell whether it can be sent again, and how. */
interface FormDataStream {
    readonly _streams: readonly unknown[];
    getBuffer(): Uint8Array;
    getHeaders(): Record<string, string>;
}

function isFormDataStream(data: object): data is FormDataStream {
    const { _streams, getBuffer, getHeaders } = data as Partial<FormDataStream>;
    return Array.isArray(_streams) && typeof getBuffer === 'function' && typeof getHeaders === 'function';
}

function isReadOnce(data: object): boolean {
    const { pipe, getReader } = data as { pipe?: unknown; getReader?: unknown };
    return typeof pipe === 'function' || typeof getReader === 'function' || Symbol.asyncIterator in data;
}

const UNCHANGED: BodyChanges = {};
const asItIs = (): BodyChanges => UNCHANGED;

/**
 * Looks at a request's body before it is sent. `undefined`: it can be read only once, so that a second sending would
 * be empty, which a server may well take for a success.
 */
export function resendable(data: unknown): (() => BodyChanges) | undefined {
    if (typeof data !== 'object' || data === null) return asItIs;
    if (isFormDataStream(data)) return resendableForm(data);
    return isReadOnce(data) ? undefined : asItIs;
}

/** A form empties itself while it is sent. Its parts are kept, not a copy of their bytes, which may never be needed. */
function resendableForm(form: FormDataStream): (() => BodyChanges) | undefined {
    const parts = [...form._streams];
    if (!parts.every((part) => typeof part === 'string' || typeof part === 'function' || part instanceof Uint8Array)) {
        return undefined;
    }
    const kept = Object.assign(Object.create(Object.getPrototypeOf(form) as object) as FormDataStream, form, {
        _streams: parts,
    });
    return () => ({ data: kept.getBuffer(), headers: { 'Content-Type': kept.getHeaders()['content-type'] ?? '' } });
}

interface Disposable {
    destroy?: () => void;
    cancel?: () => Promise<void>;
}

/** Lets go of an answer that nobody will read: an unread stream keeps its socket, and with it a place in the pool. */
export function discard({ data, request }: { data?: unknown; request?: unknown }): void {
    if (typeof data !== 'object' || data === null) return;
    const stream: Disposable = (data as { body?: Disposable | null }).body ?? data;
    if (stream.destroy) {
        stream.destroy();
        // Where axios wraps the stream, destroying the wrapper before it is read does not reach the socket.
        (request as Disposable | undefined)?.destroy?.();
    } else {
        stream.cancel?.().catch(() => {});
    }
}
