"""The official async client sees what the sync one sees."""

import asyncio

import anthropic
import httpx2

from tests.server.official import MODEL, SAMPLES, document, text

QUESTION = text("Can bzip2recover repair damaged files?")


async def scenario(server):
    transport = httpx2.AsyncHTTPTransport(uds=str(server.socket_path))
    http_client = anthropic.DefaultAsyncHttpxClient(transport=transport)
    client = anthropic.AsyncAnthropic(
        base_url=server.base_url,
        api_key=server.key,
        http_client=http_client,
        max_retries=0,
        _strict_response_validation=True,
    )
    async with client:
        with (SAMPLES / "bzip2-manual.pdf").open("rb") as handle:
            book = await client.files.upload(file=("manual.pdf", handle, "application/pdf"))
        listed = [file.id async for file in client.files.list(limit=3)]
        request = {
            "model": MODEL,
            "max_tokens": 900,
            "messages": [{"role": "user", "content": [document(book.id), QUESTION]}],
        }
        # Eight at once: the server answers them side by side.
        whole = await asyncio.gather(*(client.messages.create(**request) for _ in range(8)))
        async with client.messages.stream(**request) as stream:
            streamed = await stream.get_final_message()
        gone = await client.files.delete(book.id)
    return book.id in listed, whole, streamed, gone.type


def test_the_async_client_agrees_with_itself_eight_times_and_with_its_stream(server):
    listed, whole, streamed, gone = asyncio.run(scenario(server))
    assert listed
    assert gone == "file_deleted"
    texts = {"".join(block.text for block in message.content) for message in (*whole, streamed)}
    assert len(texts) == 1
    assert any(block.citations for block in streamed.content)
