import { adapters, ok, type Route } from '../support/servers.js';

/** For `describe.each`: whether attaching comes after the neighbour, or before. */
export const orders = ['attached last', 'attached first'] as const;
export type Order = (typeof orders)[number];
export const orderAndAdapter = orders.flatMap((order) => adapters.map((adapter) => [order, adapter] as const));

/** Sets up a neighbour, and attaches, in either order; gives what the two return. */
export function inOrder<N, A>(order: Order, neighbour: () => N, attach: () => A): [neighbour: N, attachment: A] {
    if (order === 'attached last') return [neighbour(), attach()];
    const attachment = attach();
    return [neighbour(), attachment];
}

/** Answers the first request by the first route, and so on; all further ones with 200. */
export function answering(...routes: Route[]): Route {
    return (exchange) => (routes.shift() ?? ok)(exchange);
}

export const fail: Route = ({ response }) => {
    response.writeHead(503).end();
};

export const hangUp: Route = ({ request }) => {
    request.socket.destroy();
};
