// What the hub knows of its agents right now, for the console. No promise rests on it: it is forgotten at a restart.
// Limit: agentsMax; the agents that went longest ago are forgotten first.
import type { Heartbeat, Hello } from '../../proto/framing/messages.ts';
import type { JournalEntry } from '../ports.ts';
import type { AgentSnapshot } from './gateway-ports.ts';

const agentsMax = 20_000;
const offsetsMax = 8;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export class LiveAgents {
  readonly #agents = new Map<string, Mutable<AgentSnapshot>>();
  readonly #offsets = new Map<string, number[]>();
  readonly #onChange: (agentId: string) => void;

  constructor(onChange: (agentId: string) => void) {
    this.#onChange = onChange;
  }

  snapshot(): readonly AgentSnapshot[] {
    return [...this.#agents.values()].map((agent) => ({ ...agent }));
  }

  connected(agentId: string, hello: Hello, nowMs: number): void {
    const agent = this.#agent(agentId);
    if (!agent.isConnected) agent.connectedSinceMs = nowMs;
    agent.isConnected = true;
    agent.hostName = hello.hostName;
    agent.agentVersion = hello.agentVersion;
    agent.capabilities = hello.capabilities;
    agent.policyHash = Buffer.from(hello.policyHash).toString('hex');
    this.#offsets.delete(agentId);
    agent.clockOffsetMs = this.#offset(agentId, hello.agentClockMs - nowMs);
    agent.sources = hello.sources;
    agent.lastFrameMs = nowMs;
    this.#onChange(agentId);
  }

  heartbeat(agentId: string, heartbeat: Heartbeat, nowMs: number): void {
    const agent = this.#agent(agentId);
    agent.clockOffsetMs = this.#offset(agentId, heartbeat.agentClockMs - nowMs);
    agent.sources = heartbeat.sources;
    agent.bufferedBatches = heartbeat.bufferedBatches;
    agent.bufferedBytes = heartbeat.bufferedBytes;
  }

  cameFrom(agentId: string, address: string): void {
    this.#agent(agentId).address = address;
  }

  heard(agentId: string, nowMs: number): void {
    const agent = this.#agents.get(agentId);
    if (agent) agent.lastFrameMs = nowMs;
  }

  committed(entry: JournalEntry, nowMs: number): void {
    const agent = this.#agent(entry.agentId);
    agent.batches++;
    agent.lines += entry.lineCount;
    agent.bytes += entry.frame.length;
    agent.lastCommitMs = nowMs;
  }

  lost(agentId: string): void {
    this.#agent(agentId).losses++;
  }

  repeated(agentId: string): void {
    this.#agent(agentId).repeats++;
  }

  refused(agentId: string, why: string): void {
    this.#agent(agentId).lastRefusal = why;
  }

  disconnected(agentId: string, nowMs: number): void {
    const agent = this.#agents.get(agentId);
    if (!agent?.isConnected) return;
    agent.isConnected = false;
    agent.disconnectedMs = nowMs;
    this.#offsets.delete(agentId);
    // Last gone, last in the map.
    this.#agents.delete(agentId);
    this.#agents.set(agentId, agent);
    this.#onChange(agentId);
  }

  /** A word that waited behind batches makes a clock look slow, never fast: of the last ones the highest is the truest. */
  #offset(agentId: string, offsetMs: number): number {
    const last = [...(this.#offsets.get(agentId) ?? []), offsetMs].slice(-offsetsMax);
    this.#offsets.set(agentId, last);
    return Math.max(...last);
  }

  #agent(agentId: string): Mutable<AgentSnapshot> {
    const known = this.#agents.get(agentId);
    if (known) return known;
    if (this.#agents.size >= agentsMax) this.#forgetOne();
    const agent = newAgent(agentId);
    this.#agents.set(agentId, agent);
    return agent;
  }

  #forgetOne(): void {
    for (const [agentId, agent] of this.#agents) {
      if (agent.isConnected) continue;
      this.#agents.delete(agentId);
      return;
    }
  }
}

function newAgent(agentId: string): Mutable<AgentSnapshot> {
  return {
    agentId,
    isConnected: false,
    connectedSinceMs: 0,
    disconnectedMs: 0,
    lastFrameMs: 0,
    lastCommitMs: 0,
    address: '',
    hostName: '',
    agentVersion: '',
    capabilities: [],
    policyHash: '',
    clockOffsetMs: 0,
    sources: [],
    bufferedBatches: 0,
    bufferedBytes: 0,
    batches: 0,
    lines: 0,
    bytes: 0,
    losses: 0,
    repeats: 0,
    lastRefusal: '',
  };
}
