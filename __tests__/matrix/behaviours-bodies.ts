import type { AxiosProgressEvent, AxiosRequestConfig } from 'axios';
import { answerOf, check, equal, failureOf, isBefore, type AxiosFault, type Behaviour, type Scene } from './scene.js';
import { openPlain, openRefused, type Received } from './stage.js';

const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
const latin1 = (data: Uint8Array): string => Array.from(data, (byte) => String.fromCharCode(byte)).join('');
const JSON_TYPE = 'application/json';
const BINARY = 'application/octet-stream';

/** Sends a request whose token is refused once, and gives both sendings as they arrived. */
async function sendTwice(scene: Scene, config: AxiosRequestConfig): Promise<[Received, Received]> {
    const { client, requests } = await openRefused(scene);
    const { status } = await client.request({ url: '/upload', method: 'post', ...config });
    const [first, second, ...others] = await requests();
    if (status !== 200 || !first || !second || others.length > 0) throw new Error('it was not sent twice');
    return [first, second];
}

/** Without the boundary, which each sending draws anew. */
function withoutBoundary({ text, headers }: Received): string {
    const boundary = /boundary=(\S+)$/.exec(String(headers['content-type']))?.[1] ?? 'none';
    return text.replaceAll(boundary, 'BOUNDARY');
}

/** @param type - its content type, as it arrives */
function arrivesTwice(name: string, config: () => AxiosRequestConfig, text: string, type: string): Behaviour {
    return {
        name: `a refused request is sent again byte for byte: ${name}`,
        async run(scene) {
            const sendings = await sendTwice(scene, config());
            for (const { text: received, headers } of sendings) {
                equal(received, text, 'body');
                equal(String(headers['content-type']).toLowerCase().replace('; ', ';'), type, 'content type');
            }
        },
    };
}

const binary = (data: unknown): AxiosRequestConfig => ({ data, headers: { 'Content-Type': BINARY } });

function webStream(): ReadableStream {
    return new ReadableStream({
        start(controller) {
            for (const chunk of ['one ', 'two']) controller.enqueue(new TextEncoder().encode(chunk));
            controller.close();
        },
    });
}

function form(): FormData {
    const data = new FormData();
    data.append('text', 'zwoelf');
    data.append('file', new Blob([bytes], { type: 'image/png' }), 'a.png');
    return data;
}

const formConfig = (): AxiosRequestConfig => ({ data: form(), headers: { 'Content-Type': 'multipart/form-data' } });

const sendsNoBoundary: AxiosFault = {
    why: 'outside browsers the fetch adapter of axios 1.15 and before sends a form without telling its boundary',
    concerns: ({ axios, adapter, runtime }) => adapter === 'fetch' && runtime !== 'chromium' && isBefore(axios, '1.16'),
    async control(scene) {
        const { client, requests } = await openPlain(scene);
        await client.request({ method: 'post', url: '/upload', ...formConfig() });
        check(String((await requests())[0]?.headers['content-type']).includes('boundary='), 'a boundary');
    },
};

const tellsNoProgress: AxiosFault = {
    why: 'axios does not see that fetch of Bun and Deno sends streams, and tells no progress of uploads',
    concerns: ({ adapter, runtime }) => adapter === 'fetch' && (runtime === 'bun' || runtime === 'deno'),
    async control(scene) {
        const { seen, listen } = watchProgress();
        const { client } = await openPlain(scene);
        await client.post('/upload', bytes.slice().buffer, { ...binary(undefined), onUploadProgress: listen });
        check(seen.length > 0, 'progress events');
    },
};

const sendsNoForm: AxiosFault = {
    why: "outside browsers axios makes a form of the package form-data, sent by fetch as '[object FormData]'",
    concerns: ({ adapter, runtime }) => adapter === 'fetch' && runtime !== 'chromium',
    async control(scene) {
        const { client, requests } = await openPlain(scene);
        await client.postForm('/upload', { text: 'zwoelf' });
        check(Boolean((await requests())[0]?.text.includes('zwoelf')), 'the form to have its text');
    },
};

/** What progress events said last, and how many there were. */
function watchProgress(): { seen: AxiosProgressEvent[]; listen: (event: AxiosProgressEvent) => void } {
    const seen: AxiosProgressEvent[] = [];
    return { seen, listen: (event) => seen.push(event) };
}

/** Request bodies, and their way a second time. */
export const bodyBehaviours: readonly Behaviour[] = [
    arrivesTwice('JSON', () => ({ data: { a: 1, b: ['z'] } }), '{"a":1,"b":["z"]}', JSON_TYPE),
    arrivesTwice(
        'URLSearchParams',
        () => ({ data: new URLSearchParams({ a: '1 2' }) }),
        'a=1+2',
        'application/x-www-form-urlencoded;charset=utf-8',
    ),
    arrivesTwice('an ArrayBuffer', () => binary(bytes.slice().buffer), latin1(bytes), BINARY),
    arrivesTwice('a Uint8Array', () => binary(bytes), latin1(bytes), BINARY),
    arrivesTwice('a Blob', () => binary(new Blob([bytes], { type: BINARY })), latin1(bytes), BINARY),
    {
        name: 'a refused request is sent again byte for byte: FormData, but for the boundary',
        axiosFaults: [sendsNoBoundary],
        async run(scene) {
            const [first, second] = await sendTwice(scene, formConfig());
            const text = withoutBoundary(first);
            for (const part of ['name="text"', 'zwoelf', 'filename="a.png"', 'Content-Type: image/png', latin1(bytes)])
                check(text.includes(part), `the form to have ${JSON.stringify(part)}: ${JSON.stringify(text)}`);
            check(text.trimEnd().endsWith('--BOUNDARY--'), 'the boundary of the header to end the form');
            equal(withoutBoundary(second), text, 'second form');
        },
    },
    {
        name: 'postForm of an object is sent again with the same parts',
        axiosFaults: [sendsNoForm],
        async run(scene) {
            const { client, requests } = await openRefused(scene);
            equal((await client.postForm('/upload', { text: 'zwoelf', 'list[]': [1, 2] })).status, 200);
            const [first, second] = (await requests()).map(withoutBoundary);
            check(Boolean(first?.includes('zwoelf')), `the form to have its text: ${first}`);
            equal(second, first, 'second form');
        },
    },
    {
        name: 'a web ReadableStream is never sent twice: its 401 is the answer, the next request has a new token',
        inapplicable: ({ adapter, runtime }) => {
            if (adapter !== 'fetch') return `axios does not take a web ReadableStream over ${adapter}`;
            return runtime === 'chromium'
                ? 'Chromium sends streams over HTTP/2 only, the server speaks HTTP/1.1'
                : undefined;
        },
        async run(scene) {
            const { client, requests } = await openRefused(scene);
            const response = answerOf(await failureOf(client.post('/upload', webStream(), binary(undefined))));
            equal([response?.status, (await client.get('/next')).status], [401, 200]);
            equal(
                (await requests()).map(({ path, authorization, text }) => [path, authorization, text]),
                [
                    ['/upload', 'Bearer token-1', 'one two'],
                    ['/next', 'Bearer token-2', ''],
                ],
            );
        },
    },
    {
        name: 'upload progress is told, to the end of the sending that counts',
        inapplicable: ({ adapter, runtime }) =>
            adapter === 'fetch' && runtime === 'chromium'
                ? 'axios sends a stream to watch it, and Chromium sends streams over HTTP/2 only'
                : undefined,
        axiosFaults: [tellsNoProgress],
        async run(scene) {
            const { seen, listen } = watchProgress();
            const { client, requests } = await openRefused(scene);
            const config = { ...binary(undefined), onUploadProgress: listen };
            equal((await client.post('/upload', bytes.slice().buffer, config)).status, 200);
            check(seen.length > 0, 'progress events');
            equal(seen.at(-1)?.loaded, bytes.length, 'loaded');
            equal(
                (await requests()).map(({ text }) => text === latin1(bytes)),
                [true, true],
                'bodies',
            );
        },
    },
    {
        name: 'download progress is told',
        async run(scene) {
            const { seen, listen } = watchProgress();
            const { client } = await openRefused(scene);
            const { data } = await client.get<ArrayBuffer>('/bytes', {
                responseType: 'arraybuffer',
                onDownloadProgress: listen,
            });
            equal(data.byteLength, bytes.length, 'bytes');
            equal(seen.at(-1)?.loaded, bytes.length, 'loaded');
        },
    },
    {
        name: 'responseType arraybuffer gives the bytes of the answer that counts',
        async run(scene) {
            const { client } = await openRefused(scene);
            const { data } = await client.get<ArrayBuffer>('/bytes', { responseType: 'arraybuffer' });
            equal(latin1(new Uint8Array(data)), latin1(bytes));
        },
    },
    {
        name: 'responseType json gives the object of the answer that counts',
        async run(scene) {
            const { client } = await openRefused(scene);
            const { data } = await client.get<{ path: string }>('/me', { responseType: 'json' });
            equal(data.path, '/me');
        },
    },
    {
        name: 'responseType stream gives the stream of the answer that counts, and lets the refused one go',
        inapplicable: ({ adapter }) => (adapter === 'xhr' ? 'XMLHttpRequest has no streams' : undefined),
        async run(scene) {
            const { client } = await openRefused(scene);
            const { data } = await client.get<AsyncIterable<Uint8Array> & Partial<ReadableStream<Uint8Array>>>(
                '/bytes',
                {
                    responseType: 'stream',
                },
            );
            equal(latin1(await readAll(data)), latin1(bytes));
        },
    },
];

async function readAll(stream: AsyncIterable<Uint8Array> & Partial<ReadableStream<Uint8Array>>): Promise<Uint8Array> {
    const read: number[] = [];
    const reader = stream.getReader?.();
    if (!reader) {
        for await (const chunk of stream) read.push(...chunk);
        return Uint8Array.from(read);
    }
    for (;;) {
        const { done, value } = await reader.read();
        if (done) return Uint8Array.from(read);
        read.push(...value);
    }
}
