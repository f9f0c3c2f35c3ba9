import { randomUUID } from 'node:crypto';
import { statSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { Graph } from '#lib/comfyui/index.ts';
import { execute, Failed, type Fault, Interrupted } from './comfyui-executor.ts';
import { type ComfyNode, comfyNodes, listFolder, NodeError, type Value } from './comfyui-nodes.ts';
import { receiveUpload, type UploadKind } from './comfyui-uploads.ts';
import { validateGraph } from './comfyui-validate.ts';
import { acceptSocket, type ServerSocket } from './websocket-server.ts';

export interface TestComfyOptions {
  /** Its `models` folder. */
  models: string;
  stepMs?: number;
  /** As Windows separates: `\`. */
  separator?: '/' | '\\';
  /** A server of 2023: history without status, no way to interrupt one prompt, no sizes of files. */
  isOld?: boolean;
  /** Takes uploads in one of these ways. */
  uploads?: UploadKind;
  /** Nodes that it lacks. */
  without?: readonly string[];
  deviceType?: string;
}

interface Prompt {
  id: string;
  number: number;
  graph: Graph;
  clientId: string;
}

export interface TestComfy {
  url: string;
  /** Set by tests. */
  fault: Fault | undefined;
  /** Answers to these paths are HTML. */
  garbage: Set<string>;
  /** Whether `GET /ws` is refused. */
  refusesSockets: boolean;
  /** Everything that was drawn: the workflow's values, resolved. */
  readonly drawn: Value[];
  /** Workflows that were taken. */
  readonly graphs: Graph[];
  /** Ids of prompts that were interrupted, and that were taken out of the queue. */
  readonly interrupted: string[];
  readonly deleted: string[];
  /** Classes of the nodes that ran, in order. */
  readonly ran: string[];
  readonly sockets: Map<string, ServerSocket>;
  /** Queues a prompt of somebody else's that runs until it is interrupted. */
  occupy(): string;
  /** Forgets its queue, as a restart does. */
  forget(): void;
  cutSockets(): void;
  close(): Promise<void>;
}

/** A server that speaks ComfyUI's protocol (server.py, execution.py) on a free port, in this process. */
export async function startComfy(options: TestComfyOptions): Promise<TestComfy> {
  const { models, stepMs = 1, separator = '/', isOld = false, uploads, without = [], deviceType = 'cuda' } = options;
  const queue: Prompt[] = [];
  const history = new Map<string, Record<string, unknown>>();
  const pictures = new Map<string, Buffer>();
  const cache = new Map<string, Value[]>();
  let running: Prompt | undefined;
  let isInterrupted = false;
  let isClosed = false;
  let number = 0;

  const nodes = (): Record<string, ComfyNode> => {
    const all = comfyNodes(models, separator);
    return Object.fromEntries(Object.entries(all).filter(([name]) => !without.includes(name)));
  };

  const server = createServer(async (incoming, outgoing) => {
    const request = toRequest(incoming);
    const response = await answer(request, incoming).catch(
      (error: unknown) => new Response(String(error), { status: 500 }),
    );
    outgoing.writeHead(response.status, Object.fromEntries(response.headers));
    outgoing.end(Buffer.from(await response.arrayBuffer()));
  });
  server.on('upgrade', (incoming, line) => {
    if (comfy.refusesSockets || isForeign(incoming)) {
      line.end('HTTP/1.1 403 Forbidden\r\n\r\n');
      return;
    }
    const clientId = new URL(incoming.url!, 'http://localhost').searchParams.get('clientId') ?? randomUUID();
    const socket = acceptSocket(incoming, line);
    comfy.sockets.set(clientId, socket);
    socket.onClose(() => comfy.sockets.get(clientId) === socket && comfy.sockets.delete(clientId));
    socket.sendText(
      JSON.stringify({
        type: 'status',
        data: { status: { exec_info: { queue_remaining: queue.length } }, sid: clientId },
      }),
    );
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));

  const comfy: TestComfy = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    fault: undefined,
    garbage: new Set(),
    refusesSockets: false,
    drawn: [],
    graphs: [],
    interrupted: [],
    deleted: [],
    ran: [],
    sockets: new Map(),
    occupy() {
      const graph: Graph = { 1: { class_type: 'Occupied', inputs: {} } };
      const prompt = { id: randomUUID(), number: number++, graph, clientId: 'somebody else' };
      queue.push(prompt);
      void work();
      return prompt.id;
    },
    forget() {
      queue.length = 0;
      history.clear();
      if (running) isInterrupted = true;
      running = undefined;
    },
    cutSockets() {
      for (const socket of comfy.sockets.values()) socket.cut();
      comfy.sockets.clear();
    },
    async close() {
      isClosed = true;
      isInterrupted = true;
      comfy.cutSockets();
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
  return comfy;

  async function answer(request: Request, incoming: IncomingMessage): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    const [first = '', second = '', third = ''] = pathname.slice(1).split('/').map(decodeURIComponent);
    if (isForeign(incoming)) return new Response(null, { status: 403 });
    if (comfy.garbage.has(first))
      return new Response('<!doctype html><title>Welcome</title>', { headers: { 'content-type': 'text/html' } });
    const route = `${request.method} ${first}`;
    if (route === 'GET system_stats') return Response.json(stats());
    if (route === 'GET object_info') return Response.json(describeNodes(second));
    if (route === 'GET embeddings')
      return Response.json(
        listFolder(models, 'embeddings', separator).map((name) => name.replace(/\.safetensors$/, '')),
      );
    if (route === 'GET queue')
      return Response.json({ queue_running: running ? [entryOf(running)] : [], queue_pending: queue.map(entryOf) });
    if (route === 'GET history') return Response.json(history.has(second) ? { [second]: history.get(second) } : {});
    if (route === 'GET view') {
      const png = searchParams.get('type') === 'temp' && pictures.get(searchParams.get('filename') ?? '');
      return png ? new Response(new Uint8Array(png)) : new Response(null, { status: 404 });
    }
    if (route === 'POST prompt') return takePrompt(await request.json());
    if (route === 'POST queue') {
      for (const id of (await request.json()).delete ?? []) {
        const at = queue.findIndex((one) => one.id === id);
        if (at >= 0) comfy.deleted.push(...queue.splice(at, 1).map((one) => one.id));
      }
      return new Response(null);
    }
    if (route === 'POST interrupt') {
      const wanted = isOld ? undefined : (await request.json()).prompt_id;
      if (running && (wanted === undefined || wanted === running.id)) {
        isInterrupted = true;
        comfy.interrupted.push(running.id);
      }
      return new Response(null);
    }
    if (route === 'GET experiment' && second === 'models' && !isOld)
      return Response.json(third ? sizesOf(third) : folders());
    return (
      (await receiveUpload(request, { models, way: uploads, folders: folders() })) ??
      new Response(null, { status: 404 })
    );
  }

  function takePrompt(body: { prompt: Graph; client_id: string; prompt_id?: string }): Response {
    const refusal = validateGraph(body.prompt, nodes());
    if (refusal) return Response.json(refusal, { status: 400 });
    const id = isOld ? randomUUID() : (body.prompt_id ?? randomUUID());
    const prompt = { id, number: number++, graph: body.prompt, clientId: body.client_id };
    comfy.graphs.push(body.prompt);
    queue.push(prompt);
    void work();
    return Response.json({ prompt_id: id, number: prompt.number, node_errors: {} });
  }

  async function work(): Promise<void> {
    if (running || isClosed) return;
    const prompt = queue.shift();
    if (!prompt) return;
    running = prompt;
    isInterrupted = false;
    const messages: [string, Record<string, unknown>][] = [];
    const { id, clientId } = prompt;
    const send = (type: string, data: Record<string, unknown>) => {
      const payload = { ...data, prompt_id: id };
      if (type.startsWith('execution')) messages.push([type, payload]);
      if (type === 'executing') comfy.ran.push(prompt.graph[String(data.node)]?.class_type ?? 'end');
      comfy.sockets.get(clientId)?.sendText(JSON.stringify({ type, data: payload }));
    };
    send('execution_start', {});
    let outputs: Record<string, unknown> = {};
    let isSuccess = true;
    try {
      const isTheirs = 'Occupied' === prompt.graph[1]?.class_type;
      outputs = await execute({
        graph: isTheirs ? {} : prompt.graph,
        nodes: nodes(),
        fault: comfy.fault,
        stepMs,
        cache,
        send,
        sendPreview: () => comfy.sockets.get(clientId)?.sendBinary(Buffer.from([0, 0, 0, 1, 0, 0, 0, 1, 0xff, 0xd8])),
        cutSockets: comfy.cutSockets,
        hasSocket: () => comfy.sockets.has(clientId),
        isInterrupted: () => isInterrupted,
        keep(png, recipe) {
          const filename = `ComfyUI_temp_${pictures.size}.png`;
          pictures.set(filename, comfy.garbage.has('pictures') ? Buffer.from('no picture') : png);
          comfy.drawn.push(recipe);
          return { filename, subfolder: '', type: 'temp' };
        },
      });
      while (isTheirs && !isInterrupted) await new Promise((later) => setTimeout(later, 5));
      if (!isOld) send('execution_success', {});
    } catch (error) {
      isSuccess = false;
      const { node, cause } = error instanceof Failed ? error : { node: '', cause: error as Error };
      const about = { node_id: node, node_type: prompt.graph[node]?.class_type, executed: [] };
      if (cause instanceof Interrupted) send('execution_interrupted', about);
      else
        send('execution_error', {
          ...about,
          exception_type: cause instanceof NodeError ? cause.type : 'RuntimeError',
          exception_message: cause.message,
          traceback: [],
        });
    }
    send('executing', { node: null });
    // The real one tells the end before history has it.
    await new Promise((later) => setTimeout(later, 20));
    if (running === prompt) {
      const status = { status_str: isSuccess ? 'success' : 'error', completed: isSuccess, messages };
      history.set(id, { prompt: entryOf(prompt), outputs, ...(isOld ? {} : { status }) });
      running = undefined;
    }
    void work();
  }

  function describeNodes(only: string): Record<string, unknown> {
    const all = Object.entries(nodes()).filter(([name]) => only === '' || name === only);
    return Object.fromEntries(
      all.map(([name, node]) => [
        name,
        { input: { required: node.required }, output: node.outputs, output_node: node.isOutput === true, name },
      ]),
    );
  }

  function stats() {
    const device = {
      name: 'cuda:0 Test GPU : cudaMallocAsync',
      type: deviceType,
      index: 0,
      vram_total: 8e9,
      vram_free: 6e9,
    };
    return {
      system: { os: 'posix', comfyui_version: isOld ? undefined : '0.9.2', python_version: '3.13' },
      devices: [{ ...device, torch_vram_total: 2e9, torch_vram_free: 1e9 }],
    };
  }

  function folders() {
    return ['checkpoints', 'loras', 'vae', 'embeddings', 'diffusion_models', 'text_encoders'].map((name) => ({
      name,
      folders: [join(models, name)],
    }));
  }

  function sizesOf(folder: string) {
    return listFolder(models, folder, separator).map((name) => ({
      name,
      pathIndex: 0,
      size: statSync(join(models, folder, name.replaceAll('\\', '/'))).size,
    }));
  }
}

/** `(number, id, prompt, extra data, outputs)`. */
function entryOf(prompt: Prompt): unknown[] {
  return [prompt.number, prompt.id, prompt.graph, { client_id: prompt.clientId }, []];
}

/** What ComfyUI refuses so that no web page can use it behind its owner's back. */
function isForeign({ headers }: IncomingMessage): boolean {
  if (headers['sec-fetch-site'] === 'cross-site') return true;
  return headers.origin !== undefined && URL.parse(headers.origin)?.host !== headers.host;
}

function toRequest(incoming: IncomingMessage): Request {
  const hasBody = incoming.method === 'POST';
  return new Request(`http://${incoming.headers.host}${incoming.url}`, {
    method: incoming.method ?? 'GET',
    headers: incoming.headers as Record<string, string>,
    ...(hasBody ? { body: Readable.toWeb(incoming) as BodyInit, duplex: 'half' } : {}),
  });
}
