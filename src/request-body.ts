/** What has to change on a config for its body to be sent again. */
export interface BodyChanges {
    readonly data?: unknown;
    readonly headers?: Readonly<Record<string, string>>;
}

/** The parts of npm's `form-data` that tell whether it can be sent again, and how. */
interface FormDataStream {
    readonly _streams: readonly unknown[];
    getBuffer(): Uint8Array;
    getHeaders(): Readonly<Record<'content-type', string>>;
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
const unchanged = (): BodyChanges => UNCHANGED;

/**
 * Looks at a request's body before it is sent. `undefined`: it can be read only once, so that a second sending would
 * be empty, which a server may well take for a success.
 */
export function resendable(data: unknown): (() => BodyChanges) | undefined {
    if (typeof data !== 'object' || data === null) return unchanged;
    if (isFormDataStream(data)) return resendableForm(data);
    return isReadOnce(data) ? undefined : unchanged;
}

/** Each value of a form is a header, the value itself, and a function that ends it; other functions make a stream. */
function isInMemory(part: unknown, index: number): boolean {
    return typeof part === 'string' || part instanceof Uint8Array || (typeof part === 'function' && index % 3 === 2);
}

/** A form empties itself while it is sent. Its parts are kept, not a copy of their bytes, which may never be needed. */
function resendableForm(form: FormDataStream): (() => BodyChanges) | undefined {
    const parts = [...form._streams];
    if (!parts.every(isInMemory)) return undefined;
    const kept = Object.assign(Object.create(Object.getPrototypeOf(form) as object) as FormDataStream, form, {
        _streams: parts,
    });
    return () => ({ data: kept.getBuffer(), headers: { 'Content-Type': kept.getHeaders()['content-type'] } });
}

interface Disposable {
    destroy?: unknown;
    cancel?: unknown;
    body?: unknown;
}

/** Lets go of an answer that nobody will read: an unread stream keeps its socket, and with it a place in the pool. */
export function discard({ data, request }: { data?: unknown; request?: unknown }): void {
    const { destroy, cancel, body } = Object(data) as Disposable;
    if (typeof destroy === 'function') {
        destroy.call(data);
        // Where axios wraps the stream, destroying the wrapper before it is read does not reach the socket.
        discard({ data: request });
    } else if (typeof cancel === 'function') {
        new Promise((settle) => settle(cancel.call(data))).catch(() => {});
    } else if (body) {
        discard({ data: body });
    }
}
