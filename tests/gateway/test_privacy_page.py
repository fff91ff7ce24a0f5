from bot.core.conversations.retention import KEEP_IDLE


async def test_the_privacy_page_says_who_keeps_what_how_long_and_how_to_have_it_erased(product):
    async with product.client() as client:
        page = await client.get("/quyen-rieng-tu")
        chat = await client.get("/chat")
    operator = product.runtime.programme.operator
    assert page.status_code == 200
    for words in (operator.controller, operator.email, f"{KEEP_IDLE.days} ngày", "xóa dữ liệu của tôi", "20 ngày"):
        assert words in page.text
    assert 'href="/quyen-rieng-tu"' in chat.text
    assert "<script" not in page.text
