import { answerTo, endpointAt, type World } from './endpoints.js';
import { send, sendFaulty, type Exchange } from './fault-answers.js';
import { readForm } from './http-server.js';
import type { InjectedFaults } from './injected-faults.js';
import type { NodeRequest, NodeResponse } from './node-modules.js';

/** Reads a request and answers it, well or badly. */
export async function serve(
    request: NodeRequest,
    response: NodeResponse,
    world: World,
    faults: InjectedFaults,
): Promise<void> {
    const { method = '', url = '', headers, socket } = request;
    const { arrived, byGrantType } = world.counts;
    const path = url.replace(/\?.*/, '');
    const endpoint = endpointAt(method, path);
    if (endpoint) arrived[endpoint] += 1;
    const early = endpoint && faults.takeBeforeBody(endpoint);
    if (early) {
        early.leave();
        socket.resetAndDestroy();
        return;
    }
    const form = await readForm(request);
    const grantType = endpoint === 'token' ? (form.get('grant_type') ?? '') : '';
    if (grantType) byGrantType.set(grantType, (byGrantType.get(grantType) ?? 0) + 1);
    const { authorization } = headers;
    const exchange: Exchange = {
        response,
        socket,
        answer: (alter = (grant) => grant) => answerTo(endpoint, { method, path, authorization, form, alter }, world),
        now: () => world.clock.now(),
    };
    const befallen = endpoint && faults.take(endpoint, grantType);
    if (!befallen) {
        send(exchange, exchange.answer());
        return;
    }
    response.once('close', befallen.leave);
    await sendFaulty(exchange, befallen);
}
