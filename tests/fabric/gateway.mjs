// A stand-in for a peer's gateway, for check.mjs: it takes proposals, transactions and questions
// for their status as Fabric's interface has them, checks every signature, and commits after a while.

import grpc from "@grpc/grpc-js";
import protos from "@hyperledger/fabric-protos";
import { createPublicKey, verify, X509Certificate } from "node:crypto";

const { common, gateway, peer } = protos;

/** Whether the bytes were signed by whom they name as creator. */
function isSigned(bytes, signature, creator) {
  const certificate = protos.msp.SerializedIdentity.deserializeBinary(creator).getIdBytes_asU8();
  const key = createPublicKey(new X509Certificate(certificate).publicKey.export({ type: "spki", format: "pem" }));
  return verify("sha256", bytes, key, signature);
}

function proposalOf(signed) {
  const proposal = peer.Proposal.deserializeBinary(signed.getProposalBytes_asU8());
  const header = common.Header.deserializeBinary(proposal.getHeader_asU8());
  const creator = common.SignatureHeader.deserializeBinary(header.getSignatureHeader_asU8()).getCreator_asU8();
  const payload = peer.ChaincodeProposalPayload.deserializeBinary(proposal.getPayload_asU8());
  const invocation = peer.ChaincodeInvocationSpec.deserializeBinary(payload.getInput_asU8());
  const words = invocation.getChaincodeSpec().getInput().getArgsList_asU8();
  return { header, creator, words: words.map((word) => Buffer.from(word).toString()) };
}

function prepared(header) {
  const payload = new common.Payload();
  payload.setHeader(header);
  const action = new peer.ChaincodeAction();
  action.setResponse(new peer.Response());
  const response = new peer.ProposalResponsePayload();
  response.setExtension$(action.serializeBinary());
  const endorsed = new peer.ChaincodeEndorsedAction();
  endorsed.setProposalResponsePayload(response.serializeBinary());
  const chaincode = new peer.ChaincodeActionPayload();
  chaincode.setAction(endorsed);
  const one = new peer.TransactionAction();
  one.setPayload(chaincode.serializeBinary());
  const transaction = new peer.Transaction();
  transaction.addActions(one);
  payload.setData(transaction.serializeBinary());
  const envelope = new common.Envelope();
  envelope.setPayload(payload.serializeBinary());
  return envelope;
}

/** Serves on a free port of this machine; `commitMs` is the time from submission to commit. */
export async function serve({ commitMs, invalid = () => false }) {
  const seen = { calls: [], submitted: new Map(), badSignatures: 0, underWayMax: 0 };
  let underWay = 0;
  const refuse = (done, details) => done({ code: grpc.status.INVALID_ARGUMENT, details });
  const service = {
    endorse({ request }, done) {
      const signed = request.getProposedTransaction();
      const { header, creator, words } = proposalOf(signed);
      if (!isSigned(signed.getProposalBytes_asU8(), signed.getSignature_asU8(), creator)) {
        seen.badSignatures += 1;
        return refuse(done, "the proposal is not signed by its creator");
      }
      seen.calls.push(words);
      underWay += 1;
      seen.underWayMax = Math.max(seen.underWayMax, underWay);
      const answer = new gateway.EndorseResponse();
      answer.setPreparedTransaction(prepared(header));
      done(null, answer);
    },
    submit({ request }, done) {
      const envelope = request.getPreparedTransaction();
      const header = common.Payload.deserializeBinary(envelope.getPayload_asU8()).getHeader();
      const creator = common.SignatureHeader.deserializeBinary(header.getSignatureHeader_asU8()).getCreator_asU8();
      if (!isSigned(envelope.getPayload_asU8(), envelope.getSignature_asU8(), creator)) {
        seen.badSignatures += 1;
        return refuse(done, "the transaction is not signed by its creator");
      }
      seen.submitted.set(request.getTransactionId(), Date.now());
      done(null, new gateway.SubmitResponse());
    },
    commitStatus({ request }, done) {
      const asked = gateway.CommitStatusRequest.deserializeBinary(request.getRequest_asU8());
      const id = asked.getTransactionId();
      const answer = new gateway.CommitStatusResponse();
      const code = invalid(seen.submitted.size) ? peer.TxValidationCode.MVCC_READ_CONFLICT : peer.TxValidationCode.VALID;
      answer.setResult(code);
      answer.setBlockNumber(1);
      const commit = () => {
        underWay -= 1;
        done(null, answer);
      };
      setTimeout(commit, seen.submitted.get(id) + commitMs - Date.now());
    },
  };
  const server = new grpc.Server();
  server.addService(gateway.GatewayService, service);
  const port = await new Promise((resolve, reject) => {
    const credentials = grpc.ServerCredentials.createInsecure();
    server.bindAsync("127.0.0.1:0", credentials, (error, port) => (error ? reject(error) : resolve(port)));
  });
  return { address: `127.0.0.1:${port}`, seen, stop: () => server.forceShutdown() };
}
