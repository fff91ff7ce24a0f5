# Every target hands over to deploy/bootstrap.py, which installs what is missing and finds a new enough Python itself.
# Comments after two number signs are what `make help` shows.

.DEFAULT_GOAL := help
.PHONY: help run test bench torture nlu-report showcase lint types format locks clean
export PYTEST_ARGS UPGRADE TRAIN TEST SET EPOCHS ERRORS OURS FRESH ONLY SCALE

# Each name is tried, because a version manager leaves commands on PATH whose Python is not there.
define bootstrap
@for python in $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11; do \
  if "$$python" -c '' >/dev/null 2>&1; then exec "$$python" deploy/bootstrap.py $(1); fi; \
done; \
echo 'Máy này chưa có Python: hãy cài Python 3.11 trở lên (Debian, Ubuntu: “sudo apt install python3 python3-venv”) rồi chạy lại.' >&2; \
exit 2
endef

help: ## Liệt kê các lệnh
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

run: ## Cài đặt (lần đầu) và chạy tất cả tại http://127.0.0.1:8000; dừng bằng Ctrl-C
	$(call bootstrap,run)

test: ## Cài phần kiểm thử và chạy mọi phép kiểm; thêm PYTEST_ARGS="…" cho pytest
	$(call bootstrap,test)

bench: ## Đo tốc độ và bộ nhớ bên cạnh một bot `rasa init` nguyên bản, việc ký duyệt và webhook (khoảng 12 phút)
	$(call bootstrap,bench)

# ONLY=signatures runs one of them, SCALE=0.1 a tenth of each; what runs its whole count is noted in the log.
torture: ## Chạy các phép thử dài và ghi kết quả vào tests/torture-log.md (ước chừng một giờ); hoặc với ONLY=… SCALE=…
	$(call bootstrap,torture)

# TRAIN=a.yml TEST=b.yml measure on any Rasa NLU files, SET=development on our own development messages, where
# ERRORS=misread.md lists what was misread. EPOCHS=20 shortens the default pipeline's training,
# FRESH=1 trains it anew, OURS=1 leaves it out.
nlu-report: ## Đo độ hiểu tiếng Việt bên cạnh Rasa mặc định, ghi docs/nlu-report.md (lần đầu mất vài giờ); hoặc với TRAIN=… TEST=…
	$(call bootstrap,nlu-report)

showcase: ## Ghi lại các cuộc trò chuyện mẫu trong docs/showcase (khoảng 1 phút)
	$(call bootstrap,showcase)

lint: ## Kiểm cách viết mã và chiều phụ thuộc giữa các phần
	$(call bootstrap,lint)

types: ## Kiểm kiểu dữ liệu của mã (mypy --strict)
	$(call bootstrap,types)

format: ## Viết lại mã theo đúng khuôn
	$(call bootstrap,format)

locks: ## Làm lại các tệp khóa phiên bản; UPGRADE=1 để lấy bản mới nhất
	$(call bootstrap,locks)

clean: ## Xóa môi trường và tệp tạm; dữ liệu trong var/ được giữ lại
	rm -rf .uv .venv nlu/.venv build dist htmlcov .coverage .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
